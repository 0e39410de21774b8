// Serves the one page of the shop where there is no busybox: node bin/serve.mjs PORT
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const page = readFileSync('public/index.html');
createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page);
}).listen(Number(process.argv[2]), '127.0.0.1');
