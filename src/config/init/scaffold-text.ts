/** The `fleet.yaml` of `fleet init`. What is commented out shows a default or a choice. */
export const FLEET_TEXT = `# What to deploy, and how carefully. Check it with: fleet check
# Every setting is explained in docs/config.md.

app: myapp
root: /opt/myapp                  # on the hosts; holds releases/, current, shared/ and .fleet/

service:
  unit: myapp.service             # or a list of units
  # action: restart               # restart | reload | stop-start | none
  # scope: system                 # system | user

release:
  from: ./dist                    # a folder, an archive, git:REF[:SUBDIR], or { url, sha256 }
  # keep: 5                       # healthy releases kept on each host

# shared: [log/, .env]            # linked from shared/ into each release; folders end in /

# What must be true on a host for min_healthy_time before the run continues.
# fleet always checks that the unit runs and does not restart.
# probes:
#   - http: { url: "http://127.0.0.1:8080/healthz", status: 200 }
#   - tcp: 8080
#   - command: bin/smoke

policy:
  waves: [1, 10%, 50%, rest]      # the first wave is the canary
  max_unavailable: 25%            # hosts out of service at once
  min_healthy_time: 5s
  healthy_deadline: 60s
  # confirm_deadline: 2m          # a host that is not confirmed by then rolls back automatically
  # dead_man: auto                # required | auto | off: whether a host must have that timer
  on_failure: rollback-run        # hold | rollback-host | rollback-wave | rollback-run

# What differs for one group, e.g. with: fleet deploy -g production
# environments:
#   production:
#     policy: { bake: 10m }
`;

/** The inventory of `fleet init`; its names cannot be reached, by RFC 2606. */
export const INVENTORY_TEXT = `# The hosts. Show the result with: fleet inventory

ssh:
  user: deploy
  # identity_file: ~/.ssh/id_ed25519
  # known_hosts: ~/.ssh/known_hosts

groups:
  web:
    hosts:
      - web[01:03].example.com    # web01, web02, web03
      # - { name: web04, address: 10.0.0.4, port: 2222, labels: { zone: b } }
    labels: { zone: a }

  production:
    children: [web]
`;
