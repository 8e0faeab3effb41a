/**
 * The measure of all: a server on `node:http` that sends one answer from memory and does nothing else.
 * Run as a program of its own, it reads the answer from the file named as its argument and prints its port.
 */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { get } from './one-request.js';
import { Refusal } from './options.js';
import { environmentWith, startProcess, stopProcess } from './processes.js';

const program = fileURLToPath(import.meta.url);

/** Headers that Node adds to every answer by itself. */
const addedByNode = new Set(['date', 'connection', 'keep-alive']);

/**
 * Starts the bare server with an answer captured from another server: the same headers and the same bytes.
 *
 * @param {import('./load-generator.js').Target} captured
 * @param {string} id the referral whose answer is captured
 * @param {string} folder for the captured answer
 */
export async function startBareServer(captured, id, folder) {
  const answer = await get(captured.origin + captured.pathBefore + id + captured.pathAfter, captured.headers);
  if (answer.status !== 200) throw new Refusal(`The server answered ${answer.status} to the first request.`);
  const headers = [];
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    const name = answer.rawHeaders[at] ?? '';
    if (!addedByNode.has(name.toLowerCase())) headers.push(name, answer.rawHeaders[at + 1] ?? '');
  }
  const file = join(folder, 'answer.json');
  writeFileSync(file, JSON.stringify({ headers, body: answer.body.toString('base64') }));
  const child = startProcess(process.execPath, [program, file], {
    env: environmentWith(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('standard output is a pipe');
  const [port] = await once(child.stdout, 'data');
  return {
    target: { ...captured, pid: child.pid ?? 0, origin: `http://127.0.0.1:${String(port).trim()}` },
    bodyBytes: answer.body.length,
    stop: () => stopProcess(child),
  };
}

/** @param {string} file */
async function serve(file) {
  const captured = JSON.parse(readFileSync(file, 'utf8'));
  const headers = captured.headers;
  const body = Buffer.from(captured.body, 'base64');
  const server = createServer((_request, response) => {
    response.writeHead(200, headers);
    response.end(body);
  });
  // As long as Fastify keeps a connection, so that the header that says so is the same.
  server.keepAliveTimeout = 72_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
}

if (process.argv[1] === program && process.argv[2] !== undefined) await serve(process.argv[2]);
