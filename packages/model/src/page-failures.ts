/** Refusals of the pages that a browser shows: rows of the one table of failures. */
export const pageFailures = {
  hostNotOurs: {
    code: 'invalidRequest',
    message:
      'This exchange does not show its pages under the host of this request. Use its own address, or let the operator add the host to ALLOWED_HOSTS.',
    inner: 'Host is not served',
    target: 'Host',
  },
  formNotOurs: {
    code: 'accessDenied',
    message:
      'The form did not come from a page of this exchange in this browser. Allow cookies, load the page again and send it from there.',
    inner: 'Form is from elsewhere',
    target: null,
  },
  signInUnknown: {
    code: 'itemNotFound',
    message:
      'There is no such sign-in in this browser: it took too long, is finished, or began in another one. Begin again in the program.',
    inner: 'Sign-in is not known',
    target: null,
  },
} as const;
