import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { NEEDED_TOOLS } from '../../host/reply/asked.js';
import { problem } from '../reading/host-problem.js';

/** What the host program tries of a tool, and where one comes from that does it. */
const TRIED: Readonly<Record<string, { readonly form: string; readonly from: string }>> = {
  tar: { form: 'to list an archive with the target of each hard link', from: 'GNU tar' },
  flock: { form: 'flock -n 9, for a lock that is held for one step', from: 'util-linux' },
};

const COREUTILS = { form: 'its usual form', from: 'GNU coreutils' };

/** Tools that are on the host, were tried there, and do not do what fleet needs of them. */
export function judgeUnfit({ unfitTools }: HostFacts): readonly HostFailure[] {
  // What to install is named here: a host may call anything a tool.
  return NEEDED_TOOLS.filter((tool) => unfitTools.includes(tool)).map((tool) => {
    const { form, from } = TRIED[tool] ?? COREUTILS;
    const message = `${tool} on the host does not do what fleet needs: ${form}`;
    return problem('tools_missing', message, `install the ${tool} of ${from} there`);
  });
}
