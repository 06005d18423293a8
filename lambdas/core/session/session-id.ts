/** True for an id as `Ids` generates them. A resource with such a name was made for a session. */
export const isSessionId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
