-- Why: a run that somebody starts took five statements, each with its way to the database and back, and
--      a transaction around them. A function does what the case asks for in one.
-- Breaking: no.
-- Locks: none.
-- Undo: DROP FUNCTION idem_start_one.

-- Starts one run that belongs to nothing else, exactly as the statements for many do
-- (server/db/run/runs.ts), and wakes the runners. Returns null when nothing was done: the flow limits its
-- active runs, a first task waits for a decision, the idempotency key is taken, or the revision had to be
-- the current one of a flow that is not archived and is not.
CREATE FUNCTION idem_start_one(
  of_flow TEXT, of_revision BIGINT, of_identity TEXT, manifest_text TEXT, with_params JSONB,
  from_at TIMESTAMPTZ, to_at TIMESTAMPTZ, zone TEXT, triggered run_trigger, actor TEXT, key TEXT, request TEXT, detail JSONB,
  only_current BOOLEAN
) RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
  leaves INTEGER;
  undecided BOOLEAN;
  base SMALLINT;
  new_run BIGINT;
BEGIN
  SELECT v.priority INTO base
    FROM revision v JOIN flow f ON f.id = v.flow_id
   WHERE v.id = of_revision AND f.id = of_flow AND f.concurrency IS NULL
     AND (NOT only_current OR (f.latest_revision_id = v.id AND f.archived_at IS NULL));
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT count(*) FILTER (WHERE leaf), coalesce(bool_or(needs = 0 AND gated), false) INTO leaves, undecided
    FROM revision_task WHERE revision_id = of_revision;
  IF undecided THEN RETURN NULL; END IF;

  INSERT INTO manifest (identity, text) VALUES (of_identity, manifest_text) ON CONFLICT (identity) DO NOTHING;
  INSERT INTO run (flow_id, revision_id, identity, params, interval_start, interval_end, timezone, "trigger",
                   created_by, idempotency_key, request_hash, priority, open_leaves)
  VALUES (of_flow, of_revision, of_identity, with_params, from_at, to_at, zone, triggered,
          actor, key, request, base, leaves)
  ON CONFLICT DO NOTHING
  RETURNING id INTO new_run;
  IF NOT FOUND THEN RETURN NULL; END IF;
  INSERT INTO run_event (run_id, actor, verb, detail) VALUES (new_run, actor, 'started', detail);
  INSERT INTO task_run (run_id, ordinal, revision_id, state, pending, gated, leaf, lane, priority, ready_at)
  SELECT new_run, ordinal, of_revision, (CASE WHEN needs = 0 THEN 'ready' ELSE 'waiting' END)::task_state,
         needs, gated, leaf, lane, priority, CASE WHEN needs = 0 THEN now() END
    FROM revision_task WHERE revision_id = of_revision;
  PERFORM pg_notify('idem_ready', ''), pg_notify('idem_live', json_build_array(new_run::text)::text);
  RETURN new_run;
END
$$;
