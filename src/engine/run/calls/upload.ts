import type { CallOutcome } from '../../../host/client.js';
import { receivedOf } from '../../../host/protocol/partial-upload.js';
import { readPartial } from '../../../host/reply/facts.js';
import type { CallPayload } from './host-call.js';
import { isPassing, type Patience, retry } from './retry.js';

/** How the tries of an upload reach the host. */
export interface UploadTries {
  /** Reads the host's state, with what it has of uploads. */
  readonly ask: () => Promise<CallOutcome>;
  /** Sends the call with that payload. */
  readonly send: (payload: CallPayload) => Promise<CallOutcome>;
}

/**
 * Sends a call with a payload until it is answered. If the connection is lost, the next try asks the host how much
 * it has received, and sends only the rest. If what it has turns out to be damaged, the whole is sent, once. The
 * patience begins anew as long as tries bring the upload forward.
 */
export function upload(
  payload: CallPayload,
  tries: UploadTries,
  patience: Patience,
): Promise<CallOutcome> {
  const { clock } = patience;
  let { received } = payload;
  let sent = false;
  let most = -1;
  let since = clock.monotonicMs();
  const attempt = async (): Promise<CallOutcome> => {
    if (sent) {
      const asked = await tries.ask();
      if (isPassing(asked)) return asked;
      received = receivedOf(payload, readPartial(asked.events));
    }
    sent = true;
    let outcome = await tries.send({ ...payload, received });
    if (received > 0 && isMismatch(outcome)) {
      received = 0;
      outcome = await tries.send({ ...payload, received });
    }
    if (isPassing(outcome) && received > most) {
      most = received;
      since = clock.monotonicMs();
    }
    return outcome;
  };
  return retry(attempt, { ...patience, since: () => since });
}

const isMismatch = (outcome: CallOutcome): boolean =>
  outcome.kind === 'failed' && outcome.failure.code === 'digest_mismatch';
