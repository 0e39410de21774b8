import type { Probe, Service } from '../../model/runs/app.js';
import type { Step } from '../protocol/protocol.js';

type Args = Step['args'];

/** How long a service is watched after its restart, and for what; milliseconds. */
export interface Watch {
  readonly service: Service;
  readonly probes: readonly Probe[];
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
}

/** The units, and the action on them. */
export function serviceArgs(service: Service): Args {
  return [
    ...service.units.map((unit): Args[number] => ['unit', unit]),
    ['scope', service.scope],
    ['action', service.action],
  ];
}

/** The same, with what counts as healthy. */
export function watchArgs(watch: Watch): Args {
  return [
    ...serviceArgs(watch.service),
    ['min_healthy_ms', String(watch.minHealthyMs)],
    ['deadline_ms', String(watch.healthyDeadlineMs)],
    ...probeArgs(watch.probes),
  ];
}

/** The probes of a call. */
export function probeArgs(probes: readonly Probe[]): Args {
  return probes.flatMap((probe): Args => {
    switch (probe.kind) {
      case 'unit':
        return [];
      case 'http':
        return [['http', `${probe.status} ${probe.url}${probe.body ? ` ${probe.body}` : ''}`]];
      case 'tcp':
        return [['tcp', `${probe.host}:${probe.port}`]];
      case 'command':
        return [['command', probe.command]];
      default:
        return probe satisfies never;
    }
  });
}
