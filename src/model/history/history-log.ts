import type { HistoryLocation } from '../runs/app.js';

/** The URL of the log in the state folder of whoever runs fleet. */
export const OWN_LOG = 'log:';

const SCHEME = 'log://';

/** A folder of plain files, by its absolute path. It is a URL, so that older fleets read plans that name one. */
export const logLocation = (folder: string): HistoryLocation => ({
  kind: 'url',
  url: `${SCHEME}${folder.split('/').map(encodeURIComponent).join('/')}`,
});

/** The folder of a log; null if the URL is of something else. */
export const logFolder = (url: string): string | null =>
  url.startsWith(SCHEME)
    ? url.slice(SCHEME.length).split('/').map(decodeURIComponent).join('/')
    : null;
