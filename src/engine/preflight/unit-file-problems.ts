import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { unitFileOf } from '../../model/releases/unit-file.js';
import type { App } from '../../model/runs/app.js';
import { problem } from '../reading/host-problem.js';

/** Whether the app brings the file of a unit, so that it need not be there yet. */
export function bringsUnit({ service }: App, unit: string): boolean {
  const names = (service.templates ?? []).map(({ name }) => name);
  return names.includes(unit) || names.includes(unitFileOf(unit));
}

const isBrought = ({ service: { templates = [] } }: App, file: string): boolean =>
  templates.some(({ name }) => name === file);

/** Settings in the unit files of the app that systemd on the host does not know. None of them stops a run. */
export function unitFileWarnings({ unitChecks = [] }: HostFacts): readonly string[] {
  return unitChecks.flatMap(({ unit, ignored }) =>
    ignored.map((said) => `systemd there ignores ${placeAndReason(unit, said)}`),
  );
}

/** What systemd says of a unit file, with its line before it: `FILE:LINE: REASON`, or `FILE: REASON`. */
function placeAndReason(unit: string, said: string): string {
  const [, line, reason = said] = /^[^:\s]+:(?:(\d+):)? (.*)$/.exec(said) ?? [];
  return line === undefined ? `${unit}: ${reason}` : `line ${line} of ${unit}: ${reason}`;
}

/** What keeps fleet from installing the unit files of the app. */
export function judgeUnitFiles(
  { unitFiles = [], unitChecks = [] }: HostFacts,
  app: App,
): readonly HostFailure[] {
  const links = unitFiles
    .filter(({ found, unit }) => found === 'link' && isBrought(app, unit))
    .map(({ unit }) => unit);
  const lacking = unitFiles.filter(({ lacking: commands }) => commands.length > 0);
  const found: HostFailure[] = unitChecks.flatMap(({ unit, refused }) =>
    refused === null
      ? []
      : [
          problem(
            'unit_unfit',
            `systemd there does not take ${placeAndReason(unit, refused)}`,
            `correct the template of ${unit}, in service.template`,
          ),
        ],
  );
  if (links.length > 0) {
    found.push(
      problem(
        'unit_unfit',
        `${links.join(', ')} is a link in the folder of units there (masked, or an alias), which fleet does not replace`,
        'remove it there (systemctl unmask), or leave it out of service.template',
      ),
    );
  }
  if (lacking.length > 0) {
    const names = lacking.map(({ unit }) => unit).join(', ');
    found.push(
      problem(
        'sudo_denied',
        `sudo does not let the login install ${names}`,
        'for the line of sudoers: fleet doctor -g GROUP; or leave out service.template, and install the unit by hand',
      ),
    );
  }
  return found;
}
