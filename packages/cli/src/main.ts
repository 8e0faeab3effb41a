/** The entry of the command: the one place, beside the server's own, that touches the process. */
import { Failure } from '@cosell/model';
import { StartupProblem } from '@cosell/server';
import { buildProgram } from './program.ts';

process.umask(0o077);
// A reader that has seen enough (`cosell directory list | head -1`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
try {
  await buildProgram(process.env).parseAsync(process.argv);
} catch (error) {
  // What the operator can mend is one line; anything else is a bug and shows where it happened.
  const isExpected = error instanceof StartupProblem || error instanceof Failure;
  process.stderr.write(`${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
