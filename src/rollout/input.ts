import type { HostFailure } from '../errors/host-failure.js';
import type { HostName, ReleaseId } from '../model/names.js';

/**
 * How a step ended. `lost`: no one knows whether the host did it, and asking again was in vain. A switch
 * that failed `untouched` was refused before anything on the host had changed.
 */
export type StepResult =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'failed';
      readonly failure: HostFailure;
      readonly untouched?: boolean | undefined;
    }
  | { readonly kind: 'lost'; readonly failure: HostFailure };

/** What a gate's look at one host found. No data is `unknown`, never a pass. */
export type ProbeReading =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy'; readonly failure: HostFailure }
  | { readonly kind: 'unknown'; readonly failure: HostFailure };

/** A host read once more at the end, after its claim was given back; `unread` where it did not answer. */
export type FinalReading =
  | {
      readonly kind: 'read';
      /** Whether it is decided and free. */
      readonly idle: boolean;
      /** Whether it is decided, but could not be taken back. */
      readonly down?: boolean | undefined;
      readonly current: ReleaseId | null;
      /** Whether every unit that was asked for was read and runs. */
      readonly unitsUp: boolean;
      /** What is wrong with them where not, in a few words. */
      readonly fault?: string | undefined;
    }
  | { readonly kind: 'unread'; readonly failure: HostFailure };

/** What the machine is told: the end of each effect it asked for, and what people do. */
export type RunInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'claimed'; readonly host: HostName; readonly result: StepResult }
  | { readonly kind: 'staged'; readonly host: HostName; readonly result: StepResult }
  | { readonly kind: 'switched'; readonly host: HostName; readonly result: StepResult }
  /** With `probe`, the look that was taken after it; without, there was none or no one knows. */
  | {
      readonly kind: 'confirmed';
      readonly host: HostName;
      readonly result: StepResult;
      readonly probe?: ProbeReading | undefined;
    }
  | { readonly kind: 'reverted'; readonly host: HostName; readonly result: StepResult }
  | { readonly kind: 'probed'; readonly host: HostName; readonly reading: ProbeReading }
  | { readonly kind: 'finished'; readonly host: HostName; readonly reading: FinalReading }
  /** The wait that was asked for last is over. */
  | { readonly kind: 'elapsed' }
  /** The first Ctrl-C, or `fleet abort` by somebody. */
  | { readonly kind: 'interrupt'; readonly by?: string | undefined }
  | { readonly kind: 'pause'; readonly by: string }
  /** Goes on where it paused, which also is the approval of the wave that it stands before. */
  | { readonly kind: 'resume'; readonly by: string }
  /** Ends a paused run so that it can be resumed. */
  | { readonly kind: 'suspend' }
  /** A host has answered, beside any effect, that the claim on it is another run's now. */
  | { readonly kind: 'fenced'; readonly host: HostName; readonly failure: HostFailure };
