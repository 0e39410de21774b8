import type { FleetEvent } from '../../../src/events/event.js';
import { createLiveView } from '../../../src/ui/view/reduce.js';
import type { View } from '../../../src/ui/view/view.js';

/** The view of a run, from all of its events so far. */
export function viewOf(events: Iterable<FleetEvent>): View {
  const live = createLiveView();
  for (const event of events) live.apply(event);
  return live.view;
}
