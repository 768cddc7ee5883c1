"""Facts about the folder that HAProxy's container shares with the stack's server."""

from types import SimpleNamespace

from pipeline.local.alb.haproxy import shared_folder


def _context(tmp_path):
    return SimpleNamespace(project=SimpleNamespace(state=tmp_path))


def test_the_folder_is_created_for_its_owner_only(tmp_path):
    folder = shared_folder(_context(tmp_path))
    assert (folder, folder.stat().st_mode & 0o777) == (tmp_path / "local" / "alb", 0o700)


def test_an_earlier_versions_folder_keeps_its_inode(tmp_path):
    """A running container's bind mount follows the inode, so its sockets stay reachable."""
    earlier = tmp_path / "local" / "edge"
    earlier.mkdir(parents=True)
    inode = earlier.stat().st_ino
    assert shared_folder(_context(tmp_path)).stat().st_ino == inode
    assert not earlier.exists()
