#!/bin/sh
# Finish a bootstrapped root: what maintainer scripts would have done, and what an image does not need.
# finish.sh ROOT USER:UID OVERLAY [LINK=TARGET...]; USER:UID and OVERLAY may be empty.
set -eu
root=$1 user=$2 overlay=$3
shift 3

printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
if [ -n "$user" ]; then
    name=${user%%:*} id=${user##*:}
    printf '%s:x:%s:%s:%s:/nonexistent:/bin/false\n' "$name" "$id" "$id" "$name" >>"$root/etc/passwd"
    printf '%s:x:%s:\n' "$name" "$id" >>"$root/etc/group"
fi
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
mkdir -p "$root/root" "$root/tmp" "$root/var/log" "$root/var/lib" "$root/run"
chmod 1777 "$root/tmp"

# Links to busybox's applets wherever no package brought the real thing.
if ! chroot "$root" /bin/busybox --install -s 2>/dev/null; then
    # Made for another processor: it cannot be asked here, but its applets' names stand together in it.
    { echo '['; LC_ALL=C tr '\0' '\n' <"$root/bin/busybox" | LC_ALL=C sed -n '/^\[\[$/,/^zcat$/p'; } |
        while read -r applet; do
            for there in "$root/bin/$applet" "$root/sbin/$applet"; do
                if [ -e "$there" ] || [ -L "$there" ]; then continue 2; fi
            done
            ln -s busybox "$root/bin/$applet"
        done
fi
# Without a shell nothing that follows could be built.
[ -L "$root/bin/sh" ] || [ -x "$root/bin/sh" ] || { echo "busybox names no applet sh" >&2 && exit 1; }

# The trust store is made by a maintainer script.
if [ -d "$root/usr/share/ca-certificates" ]; then
    mkdir -p "$root/etc/ssl/certs"
    cat "$root"/usr/share/ca-certificates/*/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
fi

# Logs of nginx go where containers' logs go, as in the official image.
if [ -d "$root/var/log/nginx" ]; then
    ln -sf /dev/stdout "$root/var/log/nginx/access.log"
    ln -sf /dev/stderr "$root/var/log/nginx/error.log"
fi

if [ -n "$overlay" ]; then
    cp -R --no-preserve=mode,ownership,timestamps "$overlay/." "$root/"
fi
for link in "$@"; do
    ln -sf "${link#*=}" "$root${link%%=*}"
done

# Licences stay; manuals, translations and the package manager do not.
find "$root/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$root/usr/share/man" "$root/usr/share/info" "$root/usr/share/locale" "$root/usr/share/lintian" \
    "$root/usr/share/bug" "$root/usr/bin/dpkg"* "$root/usr/lib/dpkg"
# Of this machine, not of the image (mmdebstrap removes 00mmdebstrap itself, and insists on finding it).
rm -f "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/fstab"
find "$root/etc/apt" -type f ! -name 00mmdebstrap -delete
