import { FleetError } from '../../errors/fleet-error.js';
import type { CommandChange } from '../../model/releases/choose/retype.js';
import { blockOf } from '../../model/runs/block.js';
import { type Plan, sizeOfSelection } from '../../model/runs/plan.js';
import { namesText } from '../../model/text/name-ranges.js';

/** Throws `max_unavailable` where a plan cannot proceed, with the commands that can. */
export function refuseBlocked(plan: Plan, retype: (change: CommandChange) => string | null): void {
  const blocked = blockOf(plan);
  if (blocked === null) return;
  const { out, needed } = blocked;
  const { maxUnavailable } = plan.limits;
  const limit = `at most ${maxUnavailable} of ${sizeOfSelection(plan)} hosts may be out of service`;
  const are = out.length === 1 ? 'is out already and stays so' : 'are out already and stay so';
  const without = retype({ without: out });
  const more = retype({ maxUnavailable: needed });
  throw new FleetError(
    'max_unavailable',
    `${limit}, and ${namesText(out)} ${are}, so no serving host can be worked on; nothing was changed`,
    {
      hint: 'either of these works',
      problems: [
        ...(without === null ? [] : [{ message: `leave out what cannot be reached: ${without}` }]),
        ...(more === null ? [] : [{ message: `allow one host more: ${more}` }]),
      ],
    },
  );
}
