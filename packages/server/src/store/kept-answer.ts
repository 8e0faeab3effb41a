/** What a kept answer is found by (decision 24). */
export interface KeptAnswerKey {
  readonly organizationId: string;
  readonly userName: string;
  /** Method and path of the request. */
  readonly target: string;
  readonly requestId: string;
}

/** An answer that is given again to a retry. */
export interface KeptAnswer {
  /** Hash of the request's body and of the headers that decide about it. */
  readonly fingerprint: string;
  /** When it was kept, by the machine's clock. */
  readonly keptAt: string;
  /** JSON text. */
  readonly answer: string;
}
