import type { Style } from '../../terminal/style.js';
import { padEnd } from '../../terminal/width.js';

const LABEL_WIDTH = 10;

/** One line of a plan: its label and its text. */
export const row = (label: string, text: string, style: Style): string =>
  `  ${style.dim(padEnd(label, LABEL_WIDTH))}  ${text}`;
