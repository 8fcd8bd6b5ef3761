-- Why: most reports of success come alone, and what the statement for batches prepares for the rare
--      cases costs more than the work: a function does only what the case asks for. Triggers that
--      guard what never changes are not asked when only a state changes, and compare less.
-- Breaking: no. The guards refuse what they refused.
-- Locks: run and task_run for the moment of replacing five triggers.
-- Undo: drop the function idem_complete_one; create the triggers again as in the migrations before.

DROP TRIGGER run_origin_is_immutable ON "run";
CREATE TRIGGER run_origin_is_immutable
  BEFORE UPDATE OF flow_id, revision_id, identity, params, interval_start, interval_end, timezone, "trigger", parent_id,
    rerun_scope, certificate, created_by, created_at, schedule_key, tick_at
  ON "run" FOR EACH ROW
  WHEN ((OLD.flow_id, OLD.revision_id, OLD.identity, OLD.params, OLD.interval_start, OLD.interval_end, OLD.timezone, OLD.trigger, OLD.parent_id, OLD.rerun_scope, OLD.certificate, OLD.created_by, OLD.created_at, OLD.schedule_key, OLD.tick_at)
     IS DISTINCT FROM
        (NEW.flow_id, NEW.revision_id, NEW.identity, NEW.params, NEW.interval_start, NEW.interval_end, NEW.timezone, NEW.trigger, NEW.parent_id, NEW.rerun_scope, NEW.certificate, NEW.created_by, NEW.created_at, NEW.schedule_key, NEW.tick_at))
  EXECUTE FUNCTION idem_refuse_change();

DROP TRIGGER run_backfill_is_immutable ON "run";
CREATE TRIGGER run_backfill_is_immutable
  BEFORE UPDATE OF backfill_id, backfill_ordinal, backfill_try ON "run" FOR EACH ROW
  WHEN ((OLD.backfill_id, OLD.backfill_ordinal, OLD.backfill_try) IS DISTINCT FROM (NEW.backfill_id, NEW.backfill_ordinal, NEW.backfill_try))
  EXECUTE FUNCTION idem_refuse_change();

DROP TRIGGER run_caller_is_immutable ON "run";
CREATE TRIGGER run_caller_is_immutable
  BEFORE UPDATE OF caller_run_id, caller_ordinal, caller_try, caller_task ON "run" FOR EACH ROW
  WHEN ((OLD.caller_run_id, OLD.caller_ordinal, OLD.caller_try, OLD.caller_task)
        IS DISTINCT FROM (NEW.caller_run_id, NEW.caller_ordinal, NEW.caller_try, NEW.caller_task))
  EXECUTE FUNCTION idem_refuse_change();

-- The states of an end stand behind all others in both types.
DROP TRIGGER run_end_is_final ON "run";
CREATE TRIGGER run_end_is_final BEFORE UPDATE OF state ON "run" FOR EACH ROW
  WHEN (OLD.state > 'running' AND NEW.state <> OLD.state)
  EXECUTE FUNCTION idem_refuse_change();

DROP TRIGGER task_end_is_final ON "task_run";
CREATE TRIGGER task_end_is_final BEFORE UPDATE OF state ON "task_run" FOR EACH ROW
  WHEN (OLD.state > 'retry_wait' AND NEW.state <> OLD.state)
  EXECUTE FUNCTION idem_refuse_change();

-- Records one success of a task that is no part of a list, and moves on, exactly as the statement for
-- batches does (server/db/queue.ts). `of_revision` is null when nothing was done: the attempt is not
-- this runner's, or the task is a part of a list.
-- `most` and `besides` are the most tasks to take that need a slot and of the instant types.
CREATE FUNCTION idem_complete_one(
  me BIGINT, of_run BIGINT, of_ordinal INTEGER, of_attempt INTEGER, result TEXT,
  most INTEGER, besides INTEGER, instant TEXT[], with_labels TEXT[],
  OUT of_revision BIGINT, OUT taken INTEGER[], OUT attempts INTEGER[], OUT undecided BOOLEAN, OUT released BOOLEAN,
  OUT queued BOOLEAN, OUT freed BOOLEAN, OUT unended BOOLEAN, OUT ended BOOLEAN
) LANGUAGE plpgsql AS $$
DECLARE
  own RECORD;
  lanes RECORD;
  child RECORD;
  open INTEGER[] := '{}';
  top_priority INTEGER;
  top_run BIGINT;
  is_free BOOLEAN;
  number INTEGER;
BEGIN
  UPDATE task_run SET state = 'succeeded', finished_at = now()
   WHERE run_id = of_run AND ordinal = of_ordinal AND attempt = of_attempt AND item_of IS NULL
     AND (state = 'running') IS TRUE AND runner_id + 0 = me
  RETURNING revision_id, lane, leaf, started_at INTO own;
  IF NOT FOUND THEN RETURN; END IF;
  of_revision := own.revision_id;
  undecided := false;
  released := false;
  queued := false;
  freed := false;
  unended := false;
  ended := false;
  INSERT INTO attempt (run_id, ordinal, attempt, state, runner_id, started_at, finished_at)
  VALUES (of_run, of_ordinal, of_attempt, 'succeeded', me, own.started_at, now());
  IF result IS NOT NULL THEN
    INSERT INTO task_output (run_id, ordinal, attempt, output) VALUES (of_run, of_ordinal, of_attempt, result::jsonb);
  END IF;

  -- The lanes without limits that this runner serves, and what stands at their head.
  FOR lanes IN
    SELECT l.id, head.priority, head.run_id
      FROM lane l JOIN pool p ON p.name = l.pool
      LEFT JOIN LATERAL (
           SELECT priority, run_id FROM task_run WHERE lane = l.id AND state = 'ready'
            ORDER BY priority DESC, run_id, ordinal LIMIT 1) head ON true
     WHERE l.takes_slot AND p.slots IS NULL AND (l.label = '' OR l.label = ANY(with_labels))
  LOOP
    open := open || lanes.id;
    CONTINUE WHEN lanes.run_id IS NULL;
    IF NOT queued OR lanes.priority > top_priority OR (lanes.priority = top_priority AND lanes.run_id < top_run) THEN
      top_priority := lanes.priority;
      top_run := lanes.run_id;
      queued := true;
    END IF;
  END LOOP;

  FOR child IN
    SELECT t.ordinal, t.priority, t.lane, t.pending, t.gated, r.type = ANY(instant) AS instant
      FROM revision_edge e,
           LATERAL (SELECT * FROM task_run WHERE run_id = of_run AND ordinal = e.child AND state = 'waiting') t,
           LATERAL (SELECT type FROM revision_task WHERE revision_id = of_revision AND ordinal = e.child) r
     WHERE e.revision_id = of_revision AND e.parent = of_ordinal
     ORDER BY t.ordinal FOR NO KEY UPDATE OF t
  LOOP
    is_free := child.pending = 1 AND NOT child.gated;
    IF is_free AND child.lane = ANY(open)
       AND (CASE WHEN child.instant THEN besides ELSE most END) > 0
       AND (NOT queued OR child.priority > top_priority OR (child.priority = top_priority AND of_run <= top_run))
    THEN
      IF child.instant THEN besides := besides - 1; ELSE most := most - 1; END IF;
      UPDATE task_run
         SET pending = 0, state = 'running', runner_id = me, attempt = attempt + 1, ready_at = now(), started_at = now()
       WHERE run_id = of_run AND ordinal = child.ordinal
      RETURNING attempt INTO number;
      taken := taken || child.ordinal;
      attempts := attempts || number;
    ELSIF is_free THEN
      released := true;
      UPDATE task_run SET pending = 0, state = 'ready', ready_at = now()
       WHERE run_id = of_run AND ordinal = child.ordinal;
    ELSE
      undecided := undecided OR child.pending = 1;
      UPDATE task_run SET pending = pending - 1 WHERE run_id = of_run AND ordinal = child.ordinal;
    END IF;
  END LOOP;

  IF own.leaf THEN
    UPDATE run r
       SET open_leaves = r.open_leaves - 1,
           state = (CASE WHEN r.open_leaves = 1 AND NOT r.troubled THEN 'succeeded' ELSE r.state END),
           finished_at = CASE WHEN r.open_leaves = 1 AND NOT r.troubled THEN now() END
     WHERE r.id = of_run
    RETURNING r.open_leaves = 0 AND r.state = 'running', r.state = 'succeeded' INTO unended, ended;
    IF ended THEN
      INSERT INTO run_event (run_id, actor, verb, detail) VALUES (of_run, 'engine', 'ended', '{"state":"succeeded"}');
    END IF;
  END IF;

  IF own.lane <> ALL(open) THEN
    freed := EXISTS (
      SELECT FROM lane mine JOIN lane l ON l.pool = mine.pool
        JOIN task_run t ON t.lane = l.id AND t.state = 'ready'
       WHERE mine.id = own.lane);
  END IF;
END
$$;
