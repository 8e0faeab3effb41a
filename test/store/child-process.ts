import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A Node process that runs code in this checkout. */
export interface ChildNode {
  readonly process: ChildProcess;
  /** The next line that it prints; rejects when it ends without one. */
  nextLine(): Promise<string>;
  /** How it ended, and everything that it printed. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

/**
 * Starts a Node process on the body of an async function. It is no module, because its worker threads would inherit
 * `--input-type` and refuse it. Standard input stays open until the process ends.
 */
export function startNode(body: string, flags: readonly string[] = []): ChildNode {
  const child = spawn(process.execPath, [...flags, '--eval', `(async () => {${body}})()`], { cwd: root });
  let output = '';
  let readTo = 0;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const resume of waiting.splice(0)) resume();
  };
  let hasEnded = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      wake();
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true;
      wake();
      resolve({ code, signal, output });
    });
  });
  return {
    process: child,
    ended,
    async nextLine() {
      for (;;) {
        const end = output.indexOf('\n', readTo);
        if (end >= 0) {
          const line = output.slice(readTo, end);
          readTo = end + 1;
          return line;
        }
        if (hasEnded) throw new Error(`it ended: ${output}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
