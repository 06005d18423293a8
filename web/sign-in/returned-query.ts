/** The query with which the issuer has sent the browser back. */
export interface ReturnedQuery {
  readonly parameters: URLSearchParams;
  readonly isAnswer: boolean;
}

/** Takes the query out of the address bar at once, because it may hold a code. Nothing here reads a fragment. */
export function takeQuery(): ReturnedQuery {
  const parameters = new URLSearchParams(location.search);
  if (location.search !== '' || location.hash !== '') history.replaceState(undefined, '', location.pathname);
  return { parameters, isAnswer: parameters.has('code') || parameters.has('error') };
}
