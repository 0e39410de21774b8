import type { EventBus } from '../../../events/bus.js';
import type { Clock } from '../../../model/clock.js';
import type { HostName } from '../../../model/names.js';
import { isPulled } from '../../../model/releases/pulled.js';
import type { Plan } from '../../../model/runs/plan.js';

/** Tells how far the uploads of a run are, all together. */
export interface UploadProgress {
  /** A host was sent its archive up to this byte; also what it had before. */
  at(host: HostName, byte: number): void;
}

/** However many hosts are sent to: an event each would be thousands. */
const EVERY_MS = 2_000;

/** The first event comes after a while: a short upload has none. */
export function createUploadProgress(
  plan: Plan,
  { bus, clock }: { readonly bus: EventBus; readonly clock: Clock },
): UploadProgress {
  const total = bytesToSend(plan);
  const sentTo = new Map<HostName, number>();
  let sent = 0;
  let toldAt: number | null = null;
  return {
    at(host, byte) {
      sent += byte - (sentTo.get(host) ?? 0);
      sentTo.set(host, byte);
      const now = clock.monotonicMs();
      toldAt ??= now;
      if (now - toldAt < EVERY_MS) return;
      toldAt = now;
      // A host whose base has changed gets the whole, which no plan has counted.
      const totalBytes = Math.max(total, sent);
      bus.emit({ type: 'upload-progress', sentBytes: sent, totalBytes });
    },
  };
}

function bytesToSend(plan: Plan): number {
  const whole = isPulled(plan) ? 0 : plan.uploadBytes;
  return plan.hosts
    .filter(({ upload }) => upload)
    .reduce((sum, { delta }) => sum + (delta?.bytes ?? whole), 0);
}
