/** `0.4s`, `12s`, `4m 05s`, `1h 02m`: how long something took. */
export function durationText(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${pad(Math.floor((seconds % 3600) / 60))}m`;
}

/** As {@link durationText}, in whole seconds: for what is running, tenths would only flicker. */
export function elapsedText(ms: number): string {
  return ms < 9_950 ? `${Math.max(0, Math.floor(ms / 1000))}s` : durationText(ms);
}

/** `0:07`, `4:05`, `1:02:03`: a running clock. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** `16:41:54`, in the time zone of the bastion, from an RFC 3339 time. */
export function localTime(at: string): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');
}

/** `2026-11-23 16:41`, in the time zone of the bastion. */
export function localDateTime(at: string): string {
  const date = new Date(at);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(pad).join('-');
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

const pad = (value: number): string => String(value).padStart(2, '0');
