/** The page as one document: its script and style stand inside, and its policy allows exactly these two. */
import { createHash } from 'node:crypto';

export interface PageParts {
  readonly script: string;
  readonly style: string;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' " +
  "fill='%230b6b5d'/%3E%3Cpath d='M7 25V9h4v3h3V9h4v3h3V9h4v16h-6v-5a3 3 0 0 0-6 0v5z' fill='%23fff'/%3E%3C/svg%3E";

export const documentOf = ({ script, style }: PageParts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Bastion</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript><p>This page needs JavaScript. curl and the command "bastion" do the same.</p></noscript>
<script type="module">${script}</script>
</body>
</html>
`;

/**
 * Headers of the document. The policy allows the two inline parts by their hashes, the icon, and requests to the API and to the
 * issuer. `require-trusted-types-for` makes the browser refuse text as markup.
 * @param connectOrigins origins beside the API's own that the page may call
 */
export function headersOf({ script, style }: PageParts, connectOrigins: readonly string[]): Record<string, string> {
  const policy = [
    `default-src 'none'`,
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    `connect-src ${["'self'", ...new Set(connectOrigins)].join(' ')}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types 'none'`,
  ];
  return {
    ...plainHeaders,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
  };
}

/** Headers of both routes. */
export const plainHeaders = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
