"""`data check` on a drawn folder, whole and with parts of it gone."""


def test_a_folder_is_checked_before_an_hour_is_lost(run, tmp_path):
    made = ["--as", "msvd", "--videos", "4", "--shortest", "5", "--longest", "5.2"]
    assert run("shapes", "make", "set", *made).code == 0
    whole = run("data", "check", "msvd", "set")
    assert whole.code == 0, whole.err
    assert "msvd is complete" in whole.out
    first = (tmp_path / "set" / "train_list.txt").read_text().split()[0]
    film = tmp_path / "set" / "YouTubeClips" / f"{first}.mp4"
    film.write_bytes(b"no film")
    (tmp_path / "set" / "val_list.txt").unlink()
    broken = run("data", "check", "msvd", "set", "--json")
    assert broken.code == 1
    assert not broken.json["ok"]
    train, val, _ = broken.json["splits"]
    assert train["missing_videos"] == []
    assert val["missing_files"] == ["set/val_list.txt"]
    assert [entry["path"] for entry in broken.json["unreadable"]] == [
        str(film.relative_to(tmp_path))
    ]
    film.unlink()
    told = run("data", "check", "msvd", "set", "--probe", "0")
    assert told.code == 1
    assert first in told.out
    assert "missing: set/val_list.txt" in told.out
    assert "set/YouTubeClips" in told.out
    assert run("data", "check", "msvd", "nowhere").code == 2
    assert "known: activitynet" in run("data", "check", "imagenet", "set").err
