import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { NEEDED_TOOLS } from '../../host/reply/asked.js';
import { problem } from '../reading/host-problem.js';

/** What the host program tests of a tool, and a package whose tool can do it. */
const TRIED: Readonly<Record<string, { readonly form: string; readonly from: string }>> = {
  tar: { form: 'to list an archive with the target of each hard link', from: 'GNU tar' },
  flock: { form: 'flock -n 9, for a lock that is held for one step', from: 'util-linux' },
};

const COREUTILS = { form: 'its usual form', from: 'GNU coreutils' };

/** Tools that are on the host and failed the test there. */
export function judgeUnfit({ unfitTools }: HostFacts): readonly HostFailure[] {
  // The names come from this list, not from the host: it could call anything a tool.
  return NEEDED_TOOLS.filter((tool) => unfitTools.includes(tool)).map((tool) => {
    const { form, from } = TRIED[tool] ?? COREUTILS;
    const message = `${tool} on the host does not do what fleet needs: ${form}`;
    return problem('tools_missing', message, `install the ${tool} of ${from} there`);
  });
}
