import type { Service } from '../model/app.js';

type Acting = Pick<Service, 'units' | 'action'>;

/** What sudo must allow for all that a run may do to an app's units, as `read_rights` of facts asks. */
export function serviceCommands(service: Acting): readonly string[] {
  const verbs = verbsOf(service);
  return service.units.flatMap((unit) => verbs.map((verb) => `systemctl ${verb} ${unit}`));
}

/** Whether units are stopped, all of them, before the first is started, as `is_paired` of the host program has it. */
function isPaired({ units, action }: Acting): boolean {
  const hasSocket = units.some((unit) => unit.endsWith('.socket'));
  return action === 'stop-start' || (action === 'restart' && units.length > 1 && hasSocket);
}

function verbsOf(service: Acting): readonly string[] {
  if (isPaired(service)) return VERBS['stop-start'];
  return VERBS[service.action];
}

const VERBS: Readonly<Record<Service['action'], readonly string[]>> = {
  restart: ['restart', 'stop', 'reset-failed'],
  // A unit that does not run cannot be reloaded, and one that no longer reloads is restarted on the way back.
  reload: ['reload', 'restart', 'stop', 'reset-failed'],
  'stop-start': ['stop', 'start', 'reset-failed'],
  none: [],
};
