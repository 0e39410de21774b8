import type { Service } from '../model/app.js';

/** What sudo must allow for all that a run may do to an app's units, as `read_rights` of facts asks. */
export function serviceCommands({
  units,
  action,
}: Pick<Service, 'units' | 'action'>): readonly string[] {
  return units.flatMap((unit) => VERBS[action].map((verb) => `systemctl ${verb} ${unit}`));
}

const VERBS: Readonly<Record<Service['action'], readonly string[]>> = {
  restart: ['restart', 'stop', 'reset-failed'],
  // A unit that does not run cannot be reloaded.
  reload: ['reload', 'restart', 'stop', 'reset-failed'],
  'stop-start': ['stop', 'start', 'reset-failed'],
  none: [],
};
