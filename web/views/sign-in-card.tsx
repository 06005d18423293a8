/** The page of somebody who has not signed in. */
import type { PageConfig } from '../../contracts/sign-in.ts';
import { Brand, Problem } from './parts.tsx';

export interface SignInCardProps {
  readonly config: PageConfig;
  readonly problem: string | undefined;
  /** The issuer has just sent the browser back. */
  readonly isReturning: boolean;
  readonly onSignIn: () => void;
}

export function SignInCard({ config, problem, isReturning, onSignIn }: SignInCardProps) {
  const issuer = config.signIn === 'oidc' ? new URL(config.issuer).host : '';
  const isWaiting = isReturning;
  return (
    <main>
      <section class="card welcome" data-phase={isWaiting ? 'signing-in' : 'signed-out'}>
        <Brand />
        <p>
          An ssh bastion of your own, for as long as you need it. It lets in one address and one key, and removes
          itself.
        </p>
        <Problem sentence={problem} />
        <p>
          <button
            type="button"
            class="main"
            aria-busy={isWaiting}
            aria-disabled={isWaiting}
            onClick={isWaiting ? undefined : onSignIn}
          >
            {isWaiting ? 'Signing you in…' : 'Sign in'}
          </button>
        </p>
        <p class="soft">You sign in at {issuer}, and come back here.</p>
      </section>
    </main>
  );
}
