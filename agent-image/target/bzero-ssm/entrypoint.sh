#!/usr/bin/env bash
# Registers bzero-ssm-agent with the activation of this task's handoff, then runs it. ../README.md is the contract.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../shared/agent.sh"

readonly activation=(ACTIVATION_ID ACTIVATION_CODE ACTIVATION_REGION ORG_ID ORG_PROVIDER)

register() {
  exec bzero-ssm-agent -register -code "$ACTIVATION_CODE" -id "$ACTIVATION_ID" -region "$ACTIVATION_REGION" \
    -org "$ORG_ID" -orgProvider "$ORG_PROVIDER"
}

run_agent bzero-ssm-agent "$@"
