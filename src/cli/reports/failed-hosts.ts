import type { HostFailure } from '../../errors/host-failure.js';
import { causesOf } from '../../model/runs/alike.js';
import { countedNames } from '../../model/text/name-ranges.js';

/** Hosts on which something failed: a line for each cause, with the remedy where one is known. */
export function failedHosts(
  failed: readonly { readonly host: string; readonly failure: HostFailure }[],
): readonly string[] {
  return causesOf(failed).map(
    ({ hosts, message, hint }) =>
      `${countedNames(hosts)}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}
