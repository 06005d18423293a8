#!/usr/bin/env bash
# Registers bzero-ssm-agent with the activation of this task's handoff, then runs it. ../README.md is the contract.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../shared/agent.sh"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/../shared/activation.sh"

readonly activation=(ACTIVATION_ID ACTIVATION_CODE ACTIVATION_REGION ORG_ID ORG_PROVIDER)

begin
fetch_activation "${activation[@]}"
register bzero-ssm-agent -register -code "$ACTIVATION_CODE" -id "$ACTIVATION_ID" -region "$ACTIVATION_REGION" \
  -org "$ORG_ID" -orgProvider "$ORG_PROVIDER"
unset "${activation[@]}"
run bzero-ssm-agent
