import type { Plan } from '../runs/plan.js';

/** Whether the hosts of a plan that need the whole release fetch it themselves. */
export function isPulled({ app, hosts, uploadBytes }: Plan): boolean {
  const { pull } = app.release;
  const count = hosts.filter(({ upload, delta }) => upload && delta === undefined).length;
  if (pull === null || count === 0) return false;
  if (pull.when === 'always') return true;
  return (count * uploadBytes) / pull.egress > pull.budgetMs / 1000;
}
