import Training

/// The script of a machine's first boot on EC2: its user data, run once and as root by cloud-init.
///
/// It fetches the agent by its digest with the instance role's own credentials, installs it as a
/// service and starts it; at every later boot the service starts by itself. The same inputs give
/// the same bytes, since the launch's token covers them.
enum Bootstrap {
    /// Of `agents/<sha256>` in the store; `region` is the bucket's.
    static func script(
        agent: Digest, in store: S3Location, region: String, configuration: AgentConfiguration
    ) -> String {
        let key = store.prefix.isEmpty ? "" : "\(encoded(store.prefix))/"
        let json = String(decoding: CanonicalJSON.encode(configuration), as: UTF8.self)
        return """
            #!/bin/bash
            # Holdfast: fetches the agent and makes it a service of this machine.
            agent='\(agent.hex)'
            bucket='\(store.bucket)'
            key='\(key)\(StoreLayout.agent(agent))'
            region='\(encoded(region))'
            # One line of JSON: no line of it can end this document.
            IFS= read -r configuration <<'HOLDFAST'
            \(json)
            HOLDFAST

            """ + body
    }

    /// As S3 signs keys: every byte but RFC 3986's unreserved ones and `/`.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                String(UnicodeScalar(byte))
            case _ where "-._~/".utf8.contains(byte): String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// What does not depend on the launch.
    ///
    /// Only bash, curl and the basic programs of every image; no secret in a program's arguments,
    /// where every user of the machine could read it. `HOLDFAST_ROOT` and the endpoint variables
    /// are for machines that are not EC2's own.
    private static let body = #"""
        set -u -o pipefail
        umask 077
        root=${HOLDFAST_ROOT:-}
        metadata=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
        metadata=${metadata%/}/latest
        endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}}
        program=$root/usr/local/bin/reconcile-agent
        why='nothing was tried'

        say() {
            echo "holdfast: $*"
            if [[ -z $root && -w /dev/console ]]; then echo "holdfast: $*" >/dev/console; fi
        }
        fail() { say "the agent was not started: $*"; exit 1; }

        # PATH, with $token
        ask() {
            curl -sf --noproxy '*' --connect-timeout 2 --max-time 5 -H @- "$metadata/$1" \
                <<<"X-aws-ec2-metadata-token: $token"
        }
        # NAME of a string in $answer
        field() {
            [[ $answer =~ \"$1\"[[:space:]]*:[[:space:]]*\"([^\"]*)\" ]] &&
                printf %s "${BASH_REMATCH[1]//\\/}"
        }
        digest() { local sum; sum=$(sha256sum) && printf %s "${sum%% *}"; }
        hex() { od -An -v -tx1 | tr -d ' \n'; }
        bytes() { printf %b "$(sed 's/../\\x&/g' <<<"$1")"; }
        # HMAC-SHA-256: KEY in hexadecimal, at most 64 bytes; TEXT
        hmac() {
            local key inner='' outer='' i
            printf -v key '%-128s' "$1"
            key=${key// /0}
            for ((i = 0; i < 128; i += 2)); do
                printf -v inner '%s%02x' "$inner" $((16#${key:i:2} ^ 0x36))
                printf -v outer '%s%02x' "$outer" $((16#${key:i:2} ^ 0x5c))
            done
            inner=$({ bytes "$inner"; printf %s "$2"; } | digest)
            bytes "$outer$inner" | digest
        }

        # One try to fetch the agent to $program.new
        fetch() {
            local token answer role id secret session domain host url path
            local now day scope names empty request sign part status
            why='instance metadata gives no token'
            token=$(curl -sf --noproxy '*' --connect-timeout 2 --max-time 5 -X PUT \
                -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/api/token") || return
            why='the machine has no role (yet): is the instance profile right?'
            role=$(ask meta-data/iam/security-credentials/) || return
            why="the role ${role%%$'\n'*} gives no credentials (yet): does it trust EC2?"
            answer=$(ask "meta-data/iam/security-credentials/${role%%$'\n'*}") || return
            id=$(field AccessKeyId) && secret=$(field SecretAccessKey) &&
                session=$(field Token) || return

            if [[ -n $endpoint ]]; then
                host=${endpoint#*://} path=/$bucket/$key
                host=${host%%/*} url=${endpoint%%://*}://
            else
                domain=$(ask meta-data/services/domain) || domain=amazonaws.com
                host=s3.$region.$domain path=/$key url=https://
                # The certificate covers no bucket with dots.
                if [[ $bucket == *.* ]]; then path=/$bucket$path; else host=$bucket.$host; fi
            fi

            now=$(date -u +%Y%m%dT%H%M%SZ) day=${now%T*}
            scope=$day/$region/s3/aws4_request
            names='host;x-amz-content-sha256;x-amz-date;x-amz-security-token'
            empty=$(digest </dev/null)
            request=$(printf '%s\n' GET "$path" '' "host:$host" "x-amz-content-sha256:$empty" \
                "x-amz-date:$now" "x-amz-security-token:$session" '' "$names" "$empty")
            request=$(printf %s "$request" | digest)
            sign=$(printf %s "AWS4$secret" | hex)
            for part in "$day" "$region" s3 aws4_request \
                "AWS4-HMAC-SHA256"$'\n'"$now"$'\n'"$scope"$'\n'"$request"; do
                sign=$(hmac "$sign" "$part")
            done

            status=$(curl -s --connect-timeout 5 --max-time 120 -o "$program.new" \
                -w '%{http_code}' -H @- "$url$host$path" <<END
        Host: $host
        x-amz-content-sha256: $empty
        x-amz-date: $now
        x-amz-security-token: $session
        Authorization: AWS4-HMAC-SHA256 Credential=$id/$scope,SignedHeaders=$names,Signature=$sign
        END
            ) || { why="no whole answer from $host (curl: $?)"; return 1; }
            if [[ $status != 200 ]]; then
                answer=$(head -c 4096 "$program.new" | tr -d '\0')
                [[ $answer =~ \<Code\>([A-Za-z]+) ]] && status+=" ${BASH_REMATCH[1]}"
                why="s3://$bucket/$key in $region: status $status"
                return 1
            fi
            why="s3://$bucket/$key is not the agent: its SHA-256 is another"
            [[ $(digest <"$program.new") == "$agent" ]]
        }

        place() {
            local name unit=$root/etc/systemd/system/holdfast-agent.service
            chmod 755 "$program.new" && mv -f "$program.new" "$program" || return
            printf '%s\n' "$configuration" >"$root/etc/holdfast/agent.json" || return
            {
                cat <<END
        [Unit]
        Description=Holdfast agent
        After=network-online.target
        Wants=network-online.target
        StartLimitIntervalSec=600
        StartLimitBurst=10

        [Service]
        Type=exec
        ExecStart="$program" run --configuration "$root/etc/holdfast/agent.json" \
            --disk "$root/var/lib/holdfast"
        Restart=on-failure
        RestartSec=5
        KillMode=mixed
        TimeoutStopSec=90
        OOMPolicy=continue
        Delegate=yes
        LimitNOFILE=1048576
        LimitMEMLOCK=infinity
        TasksMax=infinity
        StandardOutput=journal+console
        StandardError=journal+console
        END
                for name in HOLDFAST_ROOT AWS_EC2_METADATA_SERVICE_ENDPOINT AWS_ENDPOINT_URL \
                    AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_SSM; do
                    [[ -n ${!name:-} ]] && echo "Environment=\"$name=${!name//%/%%}\""
                done
                printf '\n[Install]\nWantedBy=multi-user.target\n'
            } >"$unit.new" && chmod 644 "$unit.new" && mv -f "$unit.new" "$unit"
        }

        (umask 022 && mkdir -p "$root"/{etc/holdfast,etc/systemd/system,usr/local/bin,var/lib}) ||
            fail 'the directories cannot be made'
        say "fetching the agent, s3://$bucket/$key"
        pause=1
        for try in {1..40}; do
            fetch && break
            [[ $try == 40 ]] || ((SECONDS > 780)) && fail "$why"
            say "try $try: $why"
            sleep "$pause"
            ((pause = pause < 16 ? pause * 2 : 16))
        done
        place || fail 'its files cannot be written'
        { systemctl daemon-reload && systemctl enable --now holdfast-agent.service; } ||
            fail 'systemd did not start holdfast-agent.service'
        say 'the agent is a service of this machine now'

        """#
}
