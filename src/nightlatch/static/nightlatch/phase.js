/**
 * Where a session stands. Pure; the same rule is written in Python, and both are held to
 * `tests/vectors/phases.json`.
 *
 * @param status the server's status document
 * @param elapsed_ms milliseconds since the request for it was sent; a negative count (a clock that
 *   was set back) is none
 * @returns `phase`: `active`, `warning` or `over`; `which` limit is the nearer one: `absolute` when
 *   they tie, because staying would move nothing; `remaining_ms` until it, never negative; `next_ms`
 *   until the phase changes (0 when it is over)
 */
export function phase({ idle_ms, absolute_ms, warn_ms }, elapsed_ms) {
  const remaining_ms = Math.max(0, Math.min(idle_ms, absolute_ms) - Math.max(0, elapsed_ms));
  const active = remaining_ms > warn_ms;
  return {
    phase: active ? "active" : remaining_ms ? "warning" : "over",
    which: absolute_ms <= idle_ms ? "absolute" : "idle",
    remaining_ms,
    next_ms: active ? remaining_ms - warn_ms : remaining_ms,
  };
}

/**
 * Returns a function that tells how many milliseconds ago this was, by the clock that saw more.
 *
 * The wall clock sees a laptop's sleep, in which most monotonic clocks stand still; the monotonic
 * clock sees through a wall clock that was set back. The larger of the two can end a session too
 * early only, and then the server is asked before anything is lost.
 *
 * @param age_ms how long ago it already is
 */
export function stopwatch(age_ms = 0) {
  const wall = Date.now() - age_ms;
  const mono = performance.now() - age_ms;
  return () => Math.max(0, Date.now() - wall, performance.now() - mono);
}
