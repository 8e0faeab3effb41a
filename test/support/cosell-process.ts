import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, where `npx --no cosell` works. */
export const repository = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** The file that `cosell` is. */
export const cosellFile = join(repository, 'packages/cli/bin/cosell.js');

/** Settings, as they would be given. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** A process that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** What it has said when it was ready. */
  readonly greeting: string;
  stderr(): string;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

const children = new Set<ChildProcessWithoutNullStreams>();
const folders: string[] = [];

/** A folder for one test; it is there, and what is in it goes with `cleanUp`. */
export function newFolder(prefix = 'cosell-process-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  folders.push(folder);
  return folder;
}

/** Ends every process of this file that still runs and removes every folder. */
export async function cleanUp(): Promise<void> {
  for (const child of children) {
    const ended = new Promise((resolveEnd) => child.once('close', resolveEnd));
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** What every process is given: nothing of the settings of whoever runs the tests. */
function environment(settings: Settings): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, PORT: '0', ...settings };
}

/** Starts a program and gives it with what it says. */
export function launch(program: string, args: readonly string[], settings: Settings) {
  const child = spawn(program, args, { cwd: repository, env: environment(settings) });
  children.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  // A process that ends early closes its standard input.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ended>((resolveEnd) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolveEnd({ code, signal, ...said });
    });
  });
  return { child, said, ended };
}

/** Runs `cosell` to its end. */
export function runCosell(args: readonly string[], settings: Settings, input: string | Buffer = ''): Promise<Ended> {
  const { child, ended } = launch(process.execPath, [cosellFile, ...args], settings);
  child.stdin.end(input);
  return ended;
}

/** Runs a line in a shell, as somebody would who pastes it. */
export function runShell(line: string, settings: Settings = {}): Promise<Ended> {
  const { child, ended } = launch('sh', ['-c', line], settings);
  child.stdin.end();
  return ended;
}

/**
 * Starts a server and waits until it has greeted.
 *
 * @param prefix a program that runs it, with its arguments
 * @param options those of start
 * @param file another `cosell` than that of this checkout
 */
export async function startCosell(
  settings: Settings,
  prefix: readonly string[] = [],
  options: readonly string[] = [],
  file = cosellFile,
): Promise<ServerProcess> {
  const [program = '', ...args] = [...prefix, process.execPath, file, 'start', ...options];
  const { child, said, ended } = launch(program, args, settings);
  const ready = new Promise<void>((resolveReady) => {
    child.stdout.on('data', () => {
      if (/\(schema \d+\)/.test(said.stdout)) resolveReady();
    });
  });
  const early = await Promise.race([ready, ended]);
  if (early !== undefined) throw new Error(`the server did not start: ${early.stderr}`);
  return {
    pid: child.pid ?? 0,
    origin: /http:\/\/[^/]+/.exec(said.stdout)?.[0] ?? '',
    greeting: said.stdout,
    stderr: () => said.stderr,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** The token in the request that a server printed. */
export function tokenOf({ greeting }: ServerProcess): string {
  return /Bearer ([^"]+)"/.exec(greeting)?.[1] ?? '';
}

/** Gets a path of a server. */
export function get(
  { origin }: ServerProcess,
  path: string,
  token?: string,
): Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolveAnswer, reject) => {
    const asking = request(`${origin}${path}`, { headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', reject);
      response.on('end', () => resolveAnswer({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

/** Gets a referral of a server. */
export function getReferral(server: ServerProcess, id: string, token = tokenOf(server)) {
  return get(server, `/v1.0/engagements/referrals/${id}`, token);
}
