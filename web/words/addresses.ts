/** Addresses as the page shows them. */

/** The address of a CIDR block of one address. Other blocks stay as they are. */
export const addressOf = (cidr: string): string => cidr.replace(/\/(32|128)$/, '');
