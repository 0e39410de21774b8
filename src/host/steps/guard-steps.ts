import type { App } from '../../model/runs/app.js';
import type { Step } from '../protocol/protocol.js';
import { serviceArgs } from './watch-args.js';

type Guarded = Pick<App, 'name' | 'service'>;

/** Installs the unit of these lines; only records one that is there already. */
export function installGuardStep(app: Guarded, lines: readonly string[]): Step {
  return { verb: 'install_guard', args: [...guardArgs(app), ...lines.map(lineArg)] };
}

/** Disables and deletes the unit if its first line is `head`. */
export function removeGuardStep(app: Guarded, head: string): Step {
  return { verb: 'remove_guard', args: [...guardArgs(app), lineArg(head)] };
}

function guardArgs({ name, service }: Guarded): Step['args'] {
  return [['app', name], ...serviceArgs(service)];
}

const lineArg = (line: string): Step['args'][number] => ['line', line];
