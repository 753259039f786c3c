namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>For every rule on manifests something that it finds and something near it that it does not.</summary>
internal static class RuleCases
{
    public static IReadOnlyList<(string Code, string File, string Bad, string Good)> All { get; } =
    [
        Service("CBG2201", "privileged: true", "privileged: false"),
        Container("CBG2201", "securityContext: { privileged: true }", "securityContext: { privileged: false }"),
        Quadlet("CBG2201", "PodmanArgs=--privileged", "PodmanArgs=--cpus=1"),
        Service("CBG2202", "network_mode: host", "network_mode: none"),
        Pod("CBG2202", "hostNetwork: true", "hostNetwork: false"),
        Quadlet("CBG2202", "Network=host", "Network=app.network"),
        Service("CBG2203", "pid: host", "pid: 'service:other'"),
        Pod("CBG2203", "hostPID: true", "hostPID: false"),
        Service("CBG2204", "ipc: host", "ipc: private"),
        Service("CBG2205", "userns_mode: host", "hostname: web"),
        Quadlet("CBG2205", "PodmanArgs=--uts host", "UserNS=auto"),
        Service("CBG2206", "network_mode: 'service:vpn'", "networks: [inner]"),
        Service("CBG2207", "volumes: ['/var/run/docker.sock:/s:ro']", "volumes: ['data:/s']"),
        Service("CBG2207", "volumes: ['/run:/host/run']", "volumes: ['./run:/host/run']"),
        Pod("CBG2207", "volumes: [{ name: v, hostPath: { path: /run/containerd } }]", "volumes: [{ name: v, hostPath: { path: /opt/data } }]"),
        Quadlet("CBG2207", "Volume=/run/podman/podman.sock:/run/podman/podman.sock", "Volume=data:/data"),
        Service("CBG2208", "volumes: [{ type: bind, source: /etc, target: /e }]", "volumes: ['/etc/localtime:/etc/localtime:ro']"),
        Service("CBG2208", "volumes: ['../../../../../../../../../../etc:/e']", "volumes: ['./etc:/e']"),
        Pod("CBG2209", "volumes: [{ name: v, hostPath: { path: /opt/data } }]", "volumes: [{ name: v, emptyDir: {} }]"),
        Service("CBG2210", "volumes: ['/data:/data:rshared']", "volumes: ['/data:/data:rslave']"),
        Service("CBG2211", "cap_add: [cap_sys_admin]", "cap_add: [NET_BIND_SERVICE]"),
        Service("CBG2211", "cap_add: [ALL]", "cap_add: []"),
        Quadlet("CBG2211", "AddCapability=NET_RAW SYS_MODULE", "AddCapability=NET_BIND_SERVICE"),
        Service("CBG2212", "cap_add: [NET_RAW]", "cap_add: [CHOWN]"),
        Service("CBG2213", "cap_drop: [NET_RAW]", "cap_drop: [ALL]"),
        Quadlet("CBG2213", "", "DropCapability=all"),
        Service("CBG2214", "security_opt: ['no-new-privileges:false']", "security_opt: ['no-new-privileges:true']"),
        Container("CBG2214", "securityContext: { allowPrivilegeEscalation: true }", "securityContext: { allowPrivilegeEscalation: false }"),
        Service("CBG2215", "", "security_opt: [no-new-privileges]"),
        Quadlet("CBG2215", "", "NoNewPrivileges=true"),
        Service("CBG2216", "user: '0:0'", "user: '1654'"),
        Container("CBG2216", "securityContext: { runAsUser: 0 }", "securityContext: { runAsUser: 1654 }"),
        Service("CBG2217", "", "user: '1654'"),
        Pod("CBG2217", "", "securityContext: { runAsNonRoot: true }"),
        Service("CBG2218", "group_add: [docker]", "group_add: ['1001']"),
        Service("CBG2219", "", "read_only: true"),
        Service("CBG2220", "security_opt: ['seccomp=unconfined']", "security_opt: ['seccomp=profile.json']"),
        Pod("CBG2220", "securityContext: { seccompProfile: { type: Unconfined } }", "securityContext: { seccompProfile: { type: RuntimeDefault } }"),
        Pod("CBG2221", "", "securityContext: { seccompProfile: { type: RuntimeDefault } }"),
        Service("CBG2222", "security_opt: ['apparmor:unconfined']", "security_opt: ['apparmor:docker-default']"),
        Pod("CBG2222", "securityContext: { appArmorProfile: { type: Unconfined } }", "securityContext: { appArmorProfile: { type: Localhost } }"),
        Service("CBG2223", "security_opt: ['label:disable']", "security_opt: ['label:type:container_t']"),
        Quadlet("CBG2223", "SecurityLabelDisable=true", "SecurityLabelType=container_t"),
        Container("CBG2224", "securityContext: { procMount: Unmasked }", "securityContext: { procMount: Default }"),
        Service("CBG2224", "security_opt: ['systempaths=unconfined']", "security_opt: []"),
        Service("CBG2225", "sysctls: { kernel.msgmax: 1 }", "sysctls: ['net.ipv4.tcp_syncookies=1']"),
        Pod("CBG2225", "securityContext: { sysctls: [{ name: kernel.msgmax, value: '1' }] }", "securityContext: { sysctls: [{ name: net.ipv4.tcp_rmem, value: '1' }] }"),
        Pod("CBG2226", "securityContext: { windowsOptions: { hostProcess: true } }", "securityContext: { windowsOptions: { hostProcess: false } }"),
        Pod("CBG2227", "volumes: [{ name: v, nfs: { server: s, path: /p } }]", "volumes: [{ name: v, persistentVolumeClaim: { claimName: c } }]"),
        Container("CBG2228", "livenessProbe: { httpGet: { host: 10.0.0.1, port: 80 } }", "livenessProbe: { httpGet: { port: 80 } }"),
        Service("CBG2229", "devices: ['/dev/sda:/dev/sda']", "tmpfs: [/tmp]"),
        Quadlet("CBG2229", "AddDevice=-/dev/kvm", ""),
        Service("CBG2230", "device_cgroup_rules: ['c 1:3 mr']", "device_cgroup_rules: []"),
        Service("CBG2231", "post_start: [{ command: x, user: root }]", "post_start: [{ command: x, user: '1654' }]"),
        Service("CBG2232", "build: { context: ., entitlements: [security.insecure] }", "build: { context: . }"),
        Service("CBG2233", "use_api_socket: true", "use_api_socket: false"),
        Service("CBG2235", "", "mem_limit: 512m"),
        Service("CBG2235", "", "deploy: { resources: { limits: { memory: 512M } } }"),
        Service("CBG2236", "", "cpus: '1'"),
        Service("CBG2237", "pids_limit: -1", "pids_limit: 100"),
        Service("CBG2238", "oom_kill_disable: true", "oom_kill_disable: false"),
        Service("CBG2239", "", "healthcheck: { test: [CMD, x] }"),
        Container("CBG2239", "", "readinessProbe: { tcpSocket: { port: 80 } }"),
        Service("CBG2240", "healthcheck: { disable: true }", "healthcheck: { test: [CMD, x] }"),
        Service("CBG2241", "restart: always", "restart: 'on-failure:3'"),
        Container("CBG2242", "", "resources: { requests: { cpu: 100m } }"),
        Service("CBG2243", "ulimits: { memlock: -1 }", "ulimits: { nofile: { soft: 10, hard: 20 } }"),
        Service("CBG2244", "logging: { driver: none }", "logging: { driver: local }"),
        Service("CBG2245", "tty: true", "tty: false"),
        Service("CBG2246", "cgroup_parent: system.slice", "cgroup: private"),
        Service("CBG2247", "ports: ['2222:22']", "ports: ['8080:8080']"),
        Container("CBG2247", "ports: [{ containerPort: 22 }]", "ports: [{ containerPort: 8080 }]"),
        Quadlet("CBG2247", "PublishPort=127.0.0.1:2022:22", "PublishPort=127.0.0.1:8080:8080"),
        Service("CBG2248", "ports: ['514:514/udp']", "ports: ['443:8443']"),
        Service("CBG2249", "ports: [{ target: 80, published: '8080' }]", "ports: [{ target: 80, published: '8080', host_ip: 127.0.0.1 }]"),
        Service("CBG2249", "ports: ['[::]:8080:80']", "ports: ['[::1]:8080:80']"),
        Container("CBG2250", "ports: [{ containerPort: 80, hostPort: 8080 }]", "ports: [{ containerPort: 80 }]"),
        Service("CBG2251", "ports: ['5432:5432']", "ports: ['127.0.0.1:5432:5432']"),
        Service("CBG2252", "ports: ['2370-2376:2370-2376']", "expose: [2375]"),
        Resource("CBG2253", "v1", "Service", "spec: { type: LoadBalancer }", "spec: { type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8] }"),
        Resource("CBG2254", "v1", "Service", "spec: { externalIPs: [203.0.113.7] }", "spec: { type: ClusterIP }"),
        Resource("CBG2255", "networking.k8s.io/v1", "Ingress", "spec: { rules: [] }", "spec: { tls: [{ hosts: [a.example] }] }"),
        ("CBG2256", "k.yaml", PodText("", ""), PodText("", "") + "\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: deny }\nspec: { podSelector: {} }\n"),
        Resource("CBG2257", "networking.k8s.io/v1", "NetworkPolicy", "spec: { ingress: [{}] }", "spec: { ingress: [] }"),
        ("CBG2258", "k.yaml", PodText("", "").Replace("{ name: web }", "{ name: web, namespace: default }", StringComparison.Ordinal), PodText("", "").Replace("{ name: web }", "{ name: web, namespace: shop }", StringComparison.Ordinal)),
        Service("CBG2259", "network_mode: bridge", "networks: [inner]"),
        ("CBG2261", "compose.yaml", "services: { web: { image: nginx } }", "services: { web: { image: 'localhost:5000/nginx:1.2' } }"),
        ("CBG2261", "compose.yaml", "services: { web: { image: 'nginx:${TAG:-latest}' } }", "services: { web: { image: 'nginx:${TAG}' } }"),
        ("CBG2262", "compose.yaml", "services: { web: { image: 'nginx:1.2' } }", "services: { web: { image: 'nginx:1.2@sha256:abc' } }"),
        ("CBG2263", "compose.yaml", "services: { web: { image: nginx, pull_policy: missing } }", "services: { web: { image: nginx, pull_policy: always } }"),
        Service("CBG2264", "build: 'http://example.com/app.git'", "build: 'https://example.com/app.git'"),
        Pod("CBG2266", "", "automountServiceAccountToken: false"),
        Pod("CBG2267", "", "serviceAccountName: shop"),
        Role("CBG2268", "{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }", "{ apiGroups: [''], resources: [pods], verbs: ['*'] }"),
        Resource("CBG2269", "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef: { name: cluster-admin }", "roleRef: { name: view }"),
        Resource("CBG2270", "rbac.authorization.k8s.io/v1", "RoleBinding", "subjects: [{ kind: Group, name: 'system:authenticated' }]", "subjects: [{ kind: Group, name: developers }]"),
        Role("CBG2271", "{ apiGroups: [''], resources: [users], verbs: [impersonate] }", "{ apiGroups: [''], resources: [users], verbs: [get] }"),
        Role("CBG2272", "{ apiGroups: [''], resources: [secrets], verbs: [list] }", "{ apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get] }"),
        Role("CBG2273", "{ apiGroups: [''], resources: [pods/exec], verbs: [create] }", "{ apiGroups: [''], resources: [pods], verbs: [get] }"),
        Resource("CBG2274", "v1", "Secret", "type: kubernetes.io/service-account-token", "type: Opaque"),
        Service("CBG2275", "environment: { DB_PASSWORD: abc123 }", "environment: { DB_PASSWORD_FILE: /run/secrets/db }"),
        Service("CBG2275", "environment: ['API_TOKEN=abc123']", "environment: ['API_TOKEN=${API_TOKEN}', 'API_TOKEN_TTL=30']"),
        Quadlet("CBG2275", "Environment=\"DB_PASSWORD=abc 123\"", "Secret=db,type=env,target=DB_PASSWORD"),
        ("CBG2275", "manifest.json", """{"resources":{"db":{"type":"container.v0","image":"db:1","env":{"DB_PASSWORD":"abc123"}}}}""", """{"resources":{"db":{"type":"container.v0","image":"db:1","env":{"DB_PASSWORD":"{pw.value}"}}}}"""),
        Resource("CBG2276", "v1", "ConfigMap", "data: { db-password: abc123 }", "data: { log-level: debug }"),
        Resource("CBG2277", "v1", "Secret", "data: { a: YWJj }", "type: Opaque"),
        Service("CBG2278", "command: ['redis-server', '--requirepass', 'abc123']", "command: ['redis-server', '--requirepass', '${PASS}']"),
        Service("CBG2278", "command: redis-server --requirepass abc123", "command: redis-server --port 1"),
        Service("CBG2279", "environment: { DATABASE: 'postgres://app:abc123@db/app' }", "environment: { DATABASE: 'postgres://app@db/app' }"),
        Service("CBG2279", "environment: { DATABASE: 'Server=db;Password=abc123;' }", "environment: { DATABASE: 'Server=db;Password=${PW};' }"),
        Container("CBG2280", "env: [{ name: P, valueFrom: { secretKeyRef: { name: s, key: k } } }]", "env: [{ name: P, valueFrom: { configMapKeyRef: { name: s, key: k } } }]"),
        Service("CBG2282", "build: { context: ., args: { NPM_TOKEN: abc123 } }", "build: { context: ., args: { VERSION: '1' } }"),
        Pod("CBG2283", "volumes: [{ name: v, secret: { secretName: s, defaultMode: 0644 } }]", "volumes: [{ name: v, secret: { secretName: s, defaultMode: 0440 } }]"),
        Service("CBG2284", "environment: { ASPNETCORE_ENVIRONMENT: Development }", "environment: { ASPNETCORE_ENVIRONMENT: Production }"),
        Service("CBG2285", "environment: { LD_PRELOAD: /tmp/x.so }", "environment: { NODE_OPTIONS: '--max-old-space-size=1' }"),
        Service("CBG2286", "environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }", "environment: { NODE_TLS_REJECT_UNAUTHORIZED: '1' }"),
        Service("CBG2286", "command: [curl, --insecure, 'https://a']", "command: [curl, 'https://a']"),
        Service("CBG2287", "command: ['/usr/sbin/sshd', '-D']", "command: ['dotnet', 'app.dll']"),
        Service("CBG2288", "volumes: ['~/.aws:/root/.aws:ro']", "volumes: ['./aws:/aws']"),
        Service("CBG2289", "command: sh -c 'curl https://a | sh'", "command: sh -c 'curl https://a'"),
        Resource("CBG2290", "v1", "Namespace", "spec: {}", "", "labels: { pod-security.kubernetes.io/enforce: baseline }"),
        ("CBG2291", "k.yaml", ResourceText("v1", "Namespace", "", "labels: { pod-security.kubernetes.io/enforce: privileged }"), ResourceText("v1", "Namespace", "", "labels: { pod-security.kubernetes.io/enforce: restricted }")),
        ("CBG2292", "k.yaml", ResourceText("extensions/v1beta1", "Ingress", ""), ResourceText("networking.k8s.io/v1", "Ingress", "")),
        Pod("CBG2293", "shareProcessNamespace: true", "shareProcessNamespace: false"),
        Resource("CBG2294", "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "webhooks: [{ name: a, failurePolicy: Ignore }]", "webhooks: [{ name: a, failurePolicy: Fail }]"),
        ("CBG2295", "compose.yaml", "services: { web: { image: 'a:1', user: a, user: b } }", "services: { web: { image: 'a:1', user: a } }"),
        Service("CBG2297", "hostname: ${HOST_NAME}", "hostname: ${HOST_NAME:-web}"),
        Service("CBG2298", "ports: [22:22]", "ports: ['22:22']"),
    ];

    public static string PodText(string pod, string container) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: web }
        spec:
          {{pod}}
          containers:
          - name: web
            image: example.com/web:1@sha256:abc
            volumeMounts: [{ name: v, mountPath: /v }]
            {{container}}
        """;

    private static (string, string, string, string) Service(string code, string bad, string good) => (code, "compose.yaml", ServiceText(bad), ServiceText(good));

    private static (string, string, string, string) Pod(string code, string bad, string good) => (code, "k.yaml", PodText(bad, ""), PodText(good, ""));

    private static (string, string, string, string) Container(string code, string bad, string good) => (code, "k.yaml", PodText("", bad), PodText("", good));

    private static (string, string, string, string) Quadlet(string code, string bad, string good) => (code, "web.container", QuadletText(bad), QuadletText(good));

    private static (string, string, string, string) Resource(string code, string version, string kind, string bad, string good, string goodMetadata = "") =>
        (code, "k.yaml", ResourceText(version, kind, bad), ResourceText(version, kind, good, goodMetadata));

    private static (string, string, string, string) Role(string code, string bad, string good) =>
        Resource(code, "rbac.authorization.k8s.io/v1", "ClusterRole", $"rules: [{bad}]", $"rules: [{good}]");

    private static string ServiceText(string line) => $"services:\n  web:\n    image: example.com/web:1@sha256:abc\n    {line}\n";

    private static string QuadletText(string line) => $"[Container]\nImage=example.com/web:1@sha256:abc\n{line}\n";

    private static string ResourceText(string version, string kind, string body, string metadata = "") => $"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: a\n  {metadata}\n{body}\n";
}
