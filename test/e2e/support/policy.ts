/** A policy for tests: it waits long enough to see a unit die after 300 ms, and no longer. */
export const QUICK = {
  waves: [1, '50%', 'rest'],
  max_unavailable: '50%',
  min_healthy_time: '500ms',
  healthy_deadline: '10s',
} as const;
