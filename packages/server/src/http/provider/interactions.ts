/** Something that the built-in provider has to ask of the person at the browser. */
export interface Interaction {
  /** Its id, which stands in the path of its page: `/sign-in/{uid}`. */
  readonly uid: string;
  /** The tenant that was asked for, or `common` or `organizations` where the user's own decides. */
  readonly tenant: string;
  readonly prompt: 'signIn' | 'consent';
  readonly client: { readonly clientId: string; readonly name: string; readonly organizationId: string };
  readonly scopes: readonly string[];
  readonly loginHint?: string;
  readonly locales?: string;
  /** Who has signed in already, where consent is asked. */
  readonly user?: { readonly organizationId: string; readonly userName: string };
  /** Whether the program asks for a second factor, by `claims` or `acr_values`. */
  readonly needsSecondFactor: boolean;
}

/** What the pages of sign-in know of the built-in provider. */
export interface Interactions {
  /** An interaction that is under way in this browser; undefined also for another browser's. */
  find(uid: string, cookieHeader: string | undefined): Promise<Interaction | undefined>;
  /** Says who has signed in, and how. Gives the address at which the browser goes on. */
  signIn(
    uid: string,
    signedIn: { readonly organizationId: string; readonly userName: string; readonly amr: readonly string[] },
  ): Promise<string>;
  /** Says whether the program is allowed what it asks for. Gives the address at which the browser goes on. */
  consent(uid: string, isAllowed: boolean): Promise<string>;
}
