/**
 * Starts the exchange with this very Node on a new data folder, asks for the documented referral with the request that
 * it prints and for the list that has it, and stops it. Ends with 1 when anything is amiss.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../packages/cli/bin/cosell.js', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'cosell-smoke-'));
const server = spawn(process.execPath, [command, 'start'], {
  env: { ...process.env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => server.once('exit', resolve));

try {
  const greeting = await readGreeting();
  const [, token, address] = /curl -H "Authorization: Bearer ([^"]+)" (\S+)/.exec(greeting) ?? [];
  const answer = await fetch(address ?? '', { headers: { authorization: `Bearer ${token}` } });
  const referral = /** @type {{ id: string }} */ (await answer.json());
  if (answer.status !== 200 || !address?.endsWith(referral.id)) throw new Error(`answered ${answer.status}`);
  const list = await fetch(new URL('.', address), { headers: { authorization: `Bearer ${token}` } });
  const { value } = /** @type {{ value: { id: string }[] }} */ (await list.json());
  if (!value.some(({ id }) => id === referral.id)) throw new Error(`the list does not have it: ${list.status}`);
  console.log(`Node ${process.version}: the documented referral and the list were answered`);
} catch (error) {
  console.error(`Node ${process.version}:`, error);
  process.exitCode = 1;
} finally {
  server.kill('SIGTERM');
  const code = await ended;
  if (code !== 0) process.exitCode = 1;
  rmSync(dataDir, { recursive: true, force: true });
}

/** @returns {Promise<string>} */
async function readGreeting() {
  let text = '';
  for await (const chunk of server.stdout) {
    text += String(chunk);
    if (text.includes('Stop the server')) return text;
  }
  throw new Error(`it did not start: ${text}`);
}
