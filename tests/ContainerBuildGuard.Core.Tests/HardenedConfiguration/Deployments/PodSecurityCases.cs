namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>One value of one field that the standard speaks of.</summary>
/// <param name="Field">Where it stands: below <c>pod</c> (specification), <c>metadata</c> or <c>container</c>, which stands for all three lists of containers.</param>
/// <param name="Value">The value in JSON.</param>
/// <param name="Baseline">Whether the baseline level of a minor version forbids it.</param>
/// <param name="Restricted">The same of the restricted level, where that differs.</param>
internal sealed record PodSecurityCase(string Field, string Value, Func<int, bool> Baseline, Func<int, bool>? Restricted = null)
{
    /// <summary>What else the pod says: another field and its value.</summary>
    public (string Field, string Value)? Beside { get; init; }

    public bool Forbids(PodSecurityLevel level, int minor) => level == PodSecurityLevel.Restricted && Restricted is not null ? Restricted(minor) : Baseline(minor);
}

/// <summary>
/// The Pod Security Standards as published, value by value: what each control allows and forbids, with the versions since which it does
/// (https://kubernetes.io/docs/concepts/security/pod-security-standards/). Written from the standard; every case is put into a pod that the restricted level allows.
/// </summary>
internal static class PodSecurityCases
{
    private const string Context = "container.securityContext.";
    private const string AppArmor = "metadata.annotations.container.apparmor.security.beta.kubernetes.io/web";
    private const string SeccompOfPod = "metadata.annotations.seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompOfContainer = "metadata.annotations.container.seccomp.security.alpha.kubernetes.io/";
    private static readonly (string, string) OwnUsers = ("pod.hostUsers", "false");
    private static readonly (string, string) HostUsers = ("pod.hostUsers", "true");
    private static readonly (string, string) Windows = ("pod.os", """{"name":"windows"}""");
    private static readonly (string, string) Linux = ("pod.os", """{"name":"linux"}""");

    public static IReadOnlyList<PodSecurityCase> All { get; } =
    [
        .. Everywhere("securityContext.windowsOptions.hostProcess", Always, "true"), .. Everywhere("securityContext.windowsOptions.hostProcess", Never, "false", "null"),
        .. Of("pod.hostNetwork", Always, "true"), .. Of("pod.hostPID", Always, "true"), .. Of("pod.hostIPC", Always, "true"),
        .. Of("pod.hostNetwork", Never, "false", "null"), .. Of("pod.hostPID", Never, "false"), .. Of("pod.hostIPC", Never, "false"), .. Of("pod.shareProcessNamespace", Never, "true"),
        .. Of(Context + "privileged", Always, "true"), .. Of(Context + "privileged", Never, "false", "null"),
        .. Capabilities(),
        .. Volumes(),
        .. Of("container.ports", Always, """[{"containerPort":1,"hostPort":1}]""", """[{"containerPort":1},{"containerPort":2,"hostPort":65535,"protocol":"UDP"}]"""),
        .. Of("container.ports", Never, """[{"containerPort":1}]""", """[{"containerPort":1,"hostPort":0}]""", """[{"containerPort":1,"hostPort":null}]""", "[]"),
        .. Probes(),
        .. Everywhere("securityContext.appArmorProfile", Always, """{"type":"Unconfined"}""", """{"type":"Other"}"""),
        .. Everywhere("securityContext.appArmorProfile", Never, """{"type":"RuntimeDefault"}""", """{"type":"Localhost","localhostProfile":"p"}""", "null"),
        .. Of(AppArmor, Always, "\"unconfined\"", "\"localhost\"", "\"docker/default\""), .. Of(AppArmor, Never, "\"runtime/default\"", "\"localhost/p\"", "\"\""),
        .. Everywhere("securityContext.seLinuxOptions.type", Never, "\"\"", "\"container_t\"", "\"container_init_t\"", "\"container_kvm_t\"", "null"),
        .. Everywhere("securityContext.seLinuxOptions.type", minor => minor < 31, "\"container_engine_t\""),
        .. Everywhere("securityContext.seLinuxOptions.type", Always, "\"spc_t\"", "\"unconfined_t\"", "\"CONTAINER_T\""),
        .. Everywhere("securityContext.seLinuxOptions.user", Always, "\"system_u\""), .. Everywhere("securityContext.seLinuxOptions.role", Always, "\"system_r\""),
        .. Everywhere("securityContext.seLinuxOptions", Never, """{"user":"","role":"","level":"s0:c1,c2"}""", "{}"),
        .. Of(Context + "procMount", Never, "\"Default\"", "null"),
        .. Of(Context + "procMount", Always, "\"Unmasked\"", "\"unmasked\""),
        With(OwnUsers, new(Context + "procMount", "\"Unmasked\"", minor => minor < 35, Always)), With(HostUsers, new(Context + "procMount", "\"Unmasked\"", Always)),
        .. Sysctls(),
        .. Seccomp(),
        .. Escalation(),
        .. Users(),
    ];

    private static bool Always(int minor) => true;

    private static bool Never(int minor) => false;

    private static IEnumerable<PodSecurityCase> Of(string field, Func<int, bool> forbidden, params string[] values) => values.Select(v => new PodSecurityCase(field, v, forbidden));

    /// <summary>A field of both security contexts.</summary>
    private static IEnumerable<PodSecurityCase> Everywhere(string field, Func<int, bool> forbidden, params string[] values) => [.. Of("pod." + field, forbidden, values), .. Of("container." + field, forbidden, values)];

    /// <summary>What only the restricted level forbids.</summary>
    private static IEnumerable<PodSecurityCase> Strict(string field, Func<int, bool> forbidden, params string[] values) => values.Select(v => new PodSecurityCase(field, v, Never, forbidden));

    private static PodSecurityCase With((string, string) beside, PodSecurityCase @case) => @case with { Beside = beside };

    private static IEnumerable<PodSecurityCase> Capabilities()
    {
        string[] standard = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];
        string[] others = ["NET_RAW", "NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE", "SYS_TIME", "ALL", "CAP_CHOWN", "chown", ""];
        foreach (var name in standard)
        {
            yield return new($"{Context}capabilities", $$"""{"drop":["ALL"],"add":["{{name}}"]}""", Never, minor => minor >= 22);
        }

        foreach (var name in others)
        {
            yield return new($"{Context}capabilities", $$"""{"drop":["ALL"],"add":["{{name}}"]}""", Always);
        }

        yield return new($"{Context}capabilities", """{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}""", Never);
        yield return new($"{Context}capabilities", """{"drop":["ALL"],"add":[]}""", Never);
        yield return new($"{Context}capabilities", """{"drop":["NET_RAW","ALL"]}""", Never);
        foreach (var dropped in (string[])["{}", """{"drop":[]}""", """{"drop":["NET_RAW"]}""", """{"drop":["all"]}""", """{"drop":["CAP_ALL"]}""", "null"])
        {
            yield return new($"{Context}capabilities", dropped, Never, minor => minor >= 22);
            yield return With(Windows, new($"{Context}capabilities", dropped, Never, minor => minor is >= 22 and < 25));
            yield return With(Linux, new($"{Context}capabilities", dropped, Never, minor => minor >= 22));
        }

        // What a container adds is asked of Windows' pods too, until the level stops asking.
        yield return With(Windows, new($"{Context}capabilities", """{"drop":["ALL"],"add":["CHOWN"]}""", Never, minor => minor is >= 22 and < 25));
    }

    private static IEnumerable<PodSecurityCase> Volumes()
    {
        string[] allowed = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];
        string[] foreign =
        [
            "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "iscsi", "nfs", "photonPersistentDisk",
            "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
        ];
        return
        [
            .. allowed.SelectMany(kind => Of("pod.volumes", Never, $$$"""[{"name":"v","{{{kind}}}":{}}]""")),
            .. foreign.SelectMany(kind => Strict("pod.volumes", Always, $$$"""[{"name":"v","{{{kind}}}":{}}]""", $$$"""[{"name":"a","emptyDir":{}},{"name":"v","{{{kind}}}":{}}]""")),
            .. Of("pod.volumes", Always, """[{"name":"v","hostPath":{"path":"/a"}}]""", """[{"name":"v","hostPath":{}}]""", """[{"name":"a","secret":{}},{"name":"v","hostPath":{"path":"/a","type":"Socket"}}]"""),
            .. Of("pod.volumes", Never, "[]", """[{"name":"v"}]""", """[{"name":"v","hostPath":null,"emptyDir":{}}]"""),
        ];
    }

    private static IEnumerable<PodSecurityCase> Probes()
    {
        foreach (var handler in (string[])["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"])
        {
            foreach (var kind in (string[])["httpGet", "tcpSocket"])
            {
                yield return new($"container.{handler}.{kind}", """{"port":1,"host":"10.0.0.1"}""", minor => minor >= 34);
                yield return new($"container.{handler}.{kind}", """{"port":1,"host":"localhost"}""", minor => minor >= 34);
                yield return new($"container.{handler}.{kind}", """{"port":1,"host":""}""", Never);
                yield return new($"container.{handler}.{kind}", """{"port":1}""", Never);
            }

            yield return new($"container.{handler}.exec", """{"command":["true"]}""", Never);
        }
    }

    private static IEnumerable<PodSecurityCase> Sysctls()
    {
        (int Since, string[] Names)[] safe =
        [
            (0, ["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range"]),
            (27, ["net.ipv4.ip_local_reserved_ports"]),
            (29, ["net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"]),
            (32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
            (37, ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]),
        ];
        const string Field = "pod.securityContext.sysctls";
        static string Set(string name) => $$"""[{"name":"{{name}}","value":"1"}]""";
        return
        [
            .. safe.SelectMany(s => s.Names.SelectMany(n => Of(Field, minor => minor < s.Since, Set(n)))),
            .. Of(Field, Always, Set("kernel.msgmax"), Set("net.core.somaxconn"), Set("net.ipv4.tcp_syncookies2"), Set("kernel/shm_rmid_forced"), """[{"name":"net.ipv4.tcp_syncookies","value":"1"},{"name":"kernel.sem","value":"1"}]"""),
            .. Of(Field, Never, "[]"),
        ];
    }

    private static IEnumerable<PodSecurityCase> Seccomp()
    {
        string[] good = ["""{"type":"RuntimeDefault"}""", """{"type":"Localhost","localhostProfile":"p"}"""];
        string[] bad = ["""{"type":"Unconfined"}""", """{"type":""}""", "{}"];
        const string Field = "securityContext.seccompProfile";
        return
        [
            .. Everywhere(Field, Never, good), .. Everywhere(Field, minor => minor >= 19, bad),
            // Where a container says nothing the pod's word counts, and where the pod says nothing each container must.
            .. Strict("pod." + Field, minor => minor >= 19, "null"), .. Of("container." + Field, Never, "null"),
            .. good.Select(g => With(("every container." + Field, g), new("pod." + Field, "null", Never))),
            .. bad.Take(1).Select(b => With(("every container." + Field, good[0]), new("pod." + Field, b, minor => minor >= 19))),
            With(Windows, new("pod." + Field, "null", Never, minor => minor is >= 19 and < 25)),
            // A profile is bad on Windows as well; the restricted level of these versions asks for none, and takes the place of the baseline's check.
            With(Windows, new("pod." + Field, bad[0], minor => minor >= 19, minor => minor is >= 19 and < 25)),
            .. Of(SeccompOfPod, minor => minor < 19, "\"unconfined\"", "\"\"", "\"localhost\""), .. Of(SeccompOfPod, Never, "\"runtime/default\"", "\"docker/default\"", "\"localhost/p\""),
            .. Of(SeccompOfContainer + "web", minor => minor < 19, "\"unconfined\""), .. Of(SeccompOfContainer + "web", Never, "\"docker/default\""),
            .. Of(SeccompOfContainer + "nobody", Never, "\"unconfined\""),
        ];
    }

    private static IEnumerable<PodSecurityCase> Escalation() =>
    [
        .. Of(Context + "allowPrivilegeEscalation", Never, "false"), .. Strict(Context + "allowPrivilegeEscalation", minor => minor >= 8, "true", "null"),
        With(Windows, new(Context + "allowPrivilegeEscalation", "null", Never, minor => minor is >= 8 and < 25)),
        With(Linux, new(Context + "allowPrivilegeEscalation", "null", Never, minor => minor >= 8)),
    ];

    private static IEnumerable<PodSecurityCase> Users() =>
    [
        .. Strict("pod.securityContext.runAsNonRoot", Always, "false", "null"), .. Of("pod.securityContext.runAsNonRoot", Never, "true"),
        .. Strict(Context + "runAsNonRoot", Always, "false"), .. Of(Context + "runAsNonRoot", Never, "true", "null"),
        // Every container's own word makes the pod's superfluous, but not a false one harmless.
        With(("every container.securityContext.runAsNonRoot", "true"), new("pod.securityContext.runAsNonRoot", "null", Never)),
        With(("every container.securityContext.runAsNonRoot", "true"), new("pod.securityContext.runAsNonRoot", "false", Never, Always)),
        With(OwnUsers, new("pod.securityContext.runAsNonRoot", "null", Never, minor => minor < 35)), With(OwnUsers, new(Context + "runAsNonRoot", "false", Never, minor => minor < 35)),
        With(Windows, new("pod.securityContext.runAsNonRoot", "null", Never, Always)),
        .. new[] { "pod.securityContext.runAsUser", Context + "runAsUser" }.SelectMany(field => (PodSecurityCase[])
        [
            new(field, "0", Never, minor => minor >= 23), new(field, "1", Never), new(field, "1654", Never), new(field, "null", Never),
            With(OwnUsers, new(field, "0", Never, minor => minor is >= 23 and < 35)), With(HostUsers, new(field, "0", Never, minor => minor >= 23)),
        ]),
    ];
}
