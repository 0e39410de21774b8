import type { Service } from '../../model/runs/app.js';
import type { Step } from '../protocol/protocol.js';
import type { HostEvent } from '../reply/reply.js';
import { serviceArgs } from './watch-args.js';

/** Asks which of these processes, each `pid:start`, live on this host. */
export function besideStep(service: Service, sessions: readonly string[]): Step {
  const asked = sessions.map((session) => ['beside', session] as const);
  return { verb: 'status', args: [...serviceArgs({ ...service, units: [] }), ...asked] };
}

/** Those that do. */
export function readBeside(events: readonly HostEvent[]): readonly string[] {
  return events.filter((event) => event.event === 'beside').map(({ session }) => session);
}
