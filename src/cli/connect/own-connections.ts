import { loadProject } from '../../config/project.js';
import type { Host } from '../../model/hosts/host.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { projectRequest } from '../context/workspace.js';

/**
 * A plan of another person, with the connections of the person who continues it: keys, agent and known
 * hosts are read from the inventory here, because those of the plan are in the other person's home. A
 * host that the inventory does not have with the same name, address, port and login stays as planned.
 */
export async function withOwnConnections(
  context: Context,
  options: CommonOptions,
  plan: Plan,
): Promise<Plan> {
  if (plan.operator === context.operator) return plan;
  const project = await loadProject(projectRequest(context, options)).catch(() => null);
  if (project === null) return plan;
  const known = new Map(project.inventory.hosts.map((host) => [placeOf(host), host]));
  const own = (host: Host): Host => ({ ...host, ssh: known.get(placeOf(host))?.ssh ?? host.ssh });
  return { ...plan, hosts: plan.hosts.map((each) => ({ ...each, host: own(each.host) })) };
}

const placeOf = ({ name, address, ssh }: Host): string =>
  `${name} ${address} ${ssh.port} ${ssh.user}`;
