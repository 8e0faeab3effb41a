import { outputOf, type PlainOutcome, thrownOutcome } from '../store/plain-outcome.ts';

/** What one end of a line answers: questions by their names. Inputs and outputs are plain data. */
export type Answers<Questions> = {
  readonly [Name in keyof Questions]: Questions[Name] extends (...input: infer Input) => infer Output
    ? (...input: Input) => Output | Promise<Output>
    : never;
};

/** A question by its number, or the answer to the one with this number. */
type Message =
  | { readonly question: number; readonly name: string; readonly input: readonly unknown[] }
  | { readonly answer: number; readonly outcome: PlainOutcome };

/** What goes over a line at once: all that was said in one turn of the event loop. */
export type Messages = readonly Message[];

interface Asked {
  readonly resolve: (output: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Questions and answers between two processes, in both directions. `Theirs` are the questions that the other end
 * answers. Questions are begun in the order in which they were asked.
 */
export class Line<Theirs> {
  readonly #send: (messages: Messages) => void;
  readonly #ours: Readonly<Record<string, (...input: never[]) => unknown>>;
  readonly #asked = new Map<number, Asked>();
  #last = 0;
  #unsent: Message[] = [];
  #end: Error | undefined;

  constructor(send: (messages: Messages) => void, ours: Answers<object>) {
    this.#send = send;
    this.#ours = ours as Readonly<Record<string, (...input: never[]) => unknown>>;
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** Asks the other end. Rejects with what was thrown there, or when the line ends. */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    ...input: Theirs[Name] extends (...input: infer Input) => unknown ? Input : never
  ): Promise<Theirs[Name] extends (...input: never[]) => infer Output ? Output : never> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#last += 1;
    const question = this.#last;
    return new Promise((resolve, reject) => {
      this.#asked.set(question, { resolve, reject });
      this.#say({ question, name, input });
    });
  }

  /** Takes what the other end has sent. */
  hear(messages: Messages): void {
    for (const message of messages) {
      if ('question' in message) void this.#answer(message.question, message.name, message.input);
      else this.#settle(message.answer, message.outcome);
    }
  }

  /** Ends the line: whoever waits for an answer is given the cause. */
  end(cause: Error): void {
    this.#end ??= cause;
    for (const { reject } of this.#asked.values()) reject(cause);
    this.#asked.clear();
  }

  async #answer(question: number, name: string, input: readonly unknown[]): Promise<void> {
    try {
      const answer = this.#ours[name];
      if (answer === undefined) throw new Error(`there is no answer to ${name}`);
      // Both ends are the same version of this program: the input is what this answer takes.
      this.#say({ answer: question, outcome: { output: await answer(...(input as never[])) } });
    } catch (error) {
      this.#say({ answer: question, outcome: thrownOutcome(error) });
    }
  }

  #settle(question: number, outcome: PlainOutcome): void {
    const asked = this.#asked.get(question);
    this.#asked.delete(question);
    try {
      // The other end has answered this very question.
      asked?.resolve(outputOf(outcome) as never);
    } catch (error) {
      asked?.reject(error);
    }
  }

  /** Gathers what is said in one turn, so that many small things cross together. */
  #say(message: Message): void {
    this.#unsent.push(message);
    if (this.#unsent.length > 1) return;
    setImmediate(() => {
      const messages = this.#unsent;
      this.#unsent = [];
      if (this.#end === undefined) this.#send(messages);
    });
  }
}
