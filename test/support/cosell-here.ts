import { Failure } from '@cosell/model';
import { StartupProblem } from '@cosell/server';
import { type Command, CommanderError } from 'commander';
import { buildProgram } from '../../packages/cli/dist/program.js';
import type { Ended, Settings } from './cosell-process.ts';

/** Streams that a command writes to. */
const streams = ['stdout', 'stderr'] as const;

/** Signals that `start` waits for. */
const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs `cosell` in this process: the same program, without the second that another process takes to load it. What belongs
 * to the process (signals, standard input, how it ends) is for `runCosell`; of `start`, only what refuses to. One at a time: what is printed meanwhile is
 * taken for the command's.
 */
export async function runCosellHere(args: readonly string[], settings: Settings): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const writes = streams.map((name) => process[name].write);
  const heard = signals.map((name) => process.listeners(name));
  for (const name of streams) {
    process[name].write = (text: string | Uint8Array) => {
      said[name] += String(text);
      return true;
    };
  }
  try {
    const code = await codeOf(args, { PORT: '0', ...settings }, said);
    return { code, signal: null, ...said };
  } finally {
    for (const [index, name] of streams.entries()) process[name].write = writes[index] as typeof process.stdout.write;
    for (const [index, name] of signals.entries()) {
      for (const listener of process.listeners(name)) {
        if (heard[index]?.includes(listener) !== true) process.off(name, listener);
      }
    }
  }
}

async function codeOf(args: readonly string[], settings: Settings, said: { stderr: string }): Promise<number> {
  const program = buildProgram(settings);
  stayHere(program);
  try {
    await program.parseAsync(['node', 'cosell', ...args]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof StartupProblem || error instanceof Failure)) throw error;
    said.stderr += `${error.message}\n`;
    return 1;
  }
}

/** Lets a command throw where it would end the process. */
function stayHere(command: Command): void {
  command.exitOverride();
  for (const part of command.commands) stayHere(part);
}
