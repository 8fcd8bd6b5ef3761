/** Notices that the command which started the supervisor is gone. */

const LOOK_MS = 500;

/**
 * npm passes SIGTERM and SIGINT on, but a killed npm leaves its command running, invisible to the
 * person who started it. Does nothing when the supervisor was not started by npm: a shell may
 * well end before what it started.
 */
export function watchLauncher(onGone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const launcher = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(timer);
    onGone();
  }, LOOK_MS);
  timer.unref();
}
