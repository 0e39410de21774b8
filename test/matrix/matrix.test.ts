import { checkRow } from './checks.js';
import { packagesOf, ROWS } from './rows.js';

for (const row of ROWS) checkRow(row, packagesOf(row.suite));
