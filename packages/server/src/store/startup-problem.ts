/** Why the program cannot start, in one line for the operator. The command line prints it and exits with 1. */
export class StartupProblem extends Error {
  override readonly name = 'StartupProblem';
}
