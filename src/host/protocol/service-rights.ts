import type { Service } from '../../model/runs/app.js';

type Acting = Pick<Service, 'units' | 'action'>;

/** All that sudo must allow for the units of an app, as `read_rights` of facts asks for it. */
export function serviceCommands(service: Acting): readonly string[] {
  const verbs = verbsOf(service);
  return service.units.flatMap((unit) => verbs.map((verb) => `systemctl ${verb} ${unit}`));
}

/** Whether all units are stopped before the first is started, as `is_paired` of the host program. */
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
  // A stopped unit cannot be reloaded, and one that no longer reloads is restarted in a rollback.
  reload: ['reload', 'restart', 'stop', 'reset-failed'],
  'stop-start': ['stop', 'start', 'reset-failed'],
  none: [],
};
