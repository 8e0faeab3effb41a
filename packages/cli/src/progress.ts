/** Shows how far something is: a bar on a terminal, nothing elsewhere. */
export interface Progress {
  show(done: number): void;
  /** Writes a line of its own; the bar goes on below it. */
  say(line: string): void;
  /** Leaves the bar as it stands and begins a new line. */
  end(): void;
}

const widest = 30;

/** A bar on standard error. `total` and `done` count the same thing, such as bytes. */
export function progressBar(label: string, total: number, output: NodeJS.WriteStream): Progress {
  const say = (line: string) => output.write(`${line}\n`);
  if (!output.isTTY) return { show: () => undefined, say, end: () => undefined };
  let last = '';
  const bar: Progress = {
    show(done) {
      const share = total === 0 ? 1 : Math.min(done / total, 1);
      // A line that is longer than the terminal is wide would be drawn anew each time.
      const width = Math.max(1, Math.min(widest, (output.columns || 80) - label.length - 10));
      const filled = Math.round(share * width);
      const line = `${label} [${'#'.repeat(filled)}${' '.repeat(width - filled)}] ${Math.floor(share * 100)} %`;
      if (line !== last) output.write(`\r\x1b[K${line}`);
      last = line;
    },
    say(line) {
      say(last === '' ? line : `\r\x1b[K${line}`);
      if (last !== '') output.write(last);
    },
    end() {
      if (last !== '') output.write('\n');
      last = '';
    },
  };
  bar.show(0);
  return bar;
}

/** The same for what nobody knows the end of: how much was done until now. */
export function runningCount(label: string, output: NodeJS.WriteStream): Progress {
  const say = (line: string) => output.write(`${line}\n`);
  if (!output.isTTY) return { show: () => undefined, say, end: () => undefined };
  let last = '';
  return {
    show(done) {
      last = `${label}: ${done.toLocaleString('en')}`;
      output.write(`\r\x1b[K${last}`);
    },
    say(line) {
      say(last === '' ? line : `\r\x1b[K${line}`);
      last = '';
    },
    end() {
      if (last !== '') output.write('\n');
    },
  };
}
